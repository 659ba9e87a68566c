// The workbench that commands run on: opened with what the command line says, closed however the command ends.
import { dirname } from 'node:path'
import { openWorkbench, type Workbench } from '@dreamgraph/nodes'
import type { DeviceChoice } from './options.js'

export interface BenchOptions {
  readonly device?: DeviceChoice
  /** Folder for pictures; relative to where the command runs. */
  readonly output?: string
  readonly cache?: boolean
}

/** Lends a workbench. Files are looked for where the command runs, then beside the workflow. */
export async function withWorkbench<T>(
  { device, output = 'out', cache = true, workflow }: BenchOptions & { readonly workflow?: string },
  work: (bench: Workbench) => Promise<T>,
): Promise<T> {
  const bench = await openWorkbench({
    device,
    cache: cache ? 'disk' : 'none',
    inputFolders: [process.cwd(), ...(workflow === undefined ? [] : [dirname(workflow)])],
    outputFolder: output,
    onLog: (line) => void process.stderr.write(`${line}\n`),
  })
  try {
    return await work(bench)
  } finally {
    await bench.close()
  }
}
