// The workbench that commands run on: opened with what the command line says, closed however the command ends.
import type { QuantizeScheme } from '@dreamgraph/dreamo'
import type { Catalogue } from '@dreamgraph/graph'
import { nodeCatalogue, openWorkbench, type Services, type Workbench } from '@dreamgraph/nodes'
import type { DeviceChoice } from './options.js'

export interface BenchOptions {
  readonly device?: DeviceChoice
  readonly quantize?: QuantizeScheme
  /** Folder for pictures; relative to where the command runs. */
  readonly output?: string
  readonly cache?: boolean
  /** Folders of node packs. */
  readonly pack?: readonly string[]
  /** Where relative paths are looked for, after the folder where the command runs. */
  readonly folders?: readonly string[]
  /** Also what onnxruntime notes in passing. */
  readonly verbose?: boolean
  /** Takes lines of runtime and cache. Default: to stderr. */
  readonly onLog?: (line: string) => void
}

/** Lends a workbench that is closed however the work ends. */
export async function withWorkbench<T>(options: BenchOptions, work: (bench: Workbench) => Promise<T>): Promise<T> {
  const { device, quantize, output = 'out', cache = true, verbose = false, folders = [], pack } = options
  const { onLog = (line) => void process.stderr.write(`${line}\n`) } = options
  const bench = await openWorkbench({
    device,
    quantize,
    cache: cache ? 'disk' : 'none',
    inputFolders: [process.cwd(), ...folders],
    outputFolder: output,
    packs: pack,
    onLog: (line) => {
      if (verbose || !isRemark(line)) onLog(line)
    },
  })
  try {
    return await work(bench)
  } finally {
    await bench.close()
  }
}

/** Lends the nodes there are, with those of packs. */
export async function withCatalogue<T>(
  packs: readonly string[],
  work: (catalogue: Catalogue<Services>) => Promise<T> | T,
): Promise<T> {
  if (packs.length === 0) return work(nodeCatalogue)
  return withWorkbench({ pack: packs, cache: false }, async ({ catalogue }) => work(catalogue))
}

/** onnxruntime's information and warnings, `2026-01-31 … [W:onnxruntime:…`: they are about kernels, not about pictures. */
const isRemark = (line: string): boolean => /\[[VIW]:onnxruntime/.test(line)
