// A temporary folder with all that one attempt needs: inputs, outputs, a home with its cache, and workbenches over them.
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { parseWorkflow } from '@dreamgraph/graph'
import { type BenchRunOptions, type BenchRunResult, openWorkbench, type WorkbenchOptions } from '@dreamgraph/nodes'
import { openDiskCache } from '@dreamgraph/store'

export class Place {
  private constructor(readonly folder: string) {}

  static async open(): Promise<Place> {
    const place = new Place(await realpath(await mkdtemp(join(tmpdir(), 'bad-input-'))))
    await mkdir(place.in)
    return place
  }

  /** Where relative paths of files are looked for. */
  get in(): string {
    return join(this.folder, 'in')
  }

  get out(): string {
    return join(this.folder, 'out')
  }

  get home(): string {
    return join(this.folder, 'home')
  }

  /** Writes a file under the inputs and returns its absolute path. */
  async put(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.in, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
    return path
  }

  /** Runs a workflow text in a workbench of its own. */
  async run(
    text: string,
    { bench, ...options }: BenchRunOptions & { bench?: WorkbenchOptions } = {},
  ): Promise<BenchRunResult> {
    const workbench = await openWorkbench({
      device: 'cpu',
      threads: 1,
      home: this.home,
      inputFolders: [this.in],
      outputFolder: this.out,
      ...bench,
    })
    try {
      return await workbench.run(parseWorkflow(text), options)
    } finally {
      await workbench.close()
    }
  }

  /** Every file of the place that should not be there once an attempt has failed. */
  async leftovers(): Promise<string[]> {
    const files = await readdir(this.folder, { recursive: true })
    const halfWritten = files.filter((file) => /\.(tmp|new)$/.test(file))
    const inOut = await readdir(this.out, { withFileTypes: true }).catch(() => [])
    const pictures = inOut.filter((entry) => entry.isFile()).map((entry) => entry.name)
    const keys = files.filter((file) => file.endsWith('.entry')).map((file) => basename(file, '.entry'))
    const cache = openDiskCache({ dir: join(this.home, 'cache'), maxBytes: 2 ** 30, maxEntries: 1000 })
    const torn: string[] = []
    for (const key of keys) if (!(await cache.get(key))) torn.push(`torn cache entry ${key}`)
    return [...halfWritten, ...pictures, ...torn]
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true })
  }
}
