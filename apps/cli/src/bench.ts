// The workbench that commands run on: opened with what the command line says, closed however the command ends.
import { openWorkbench, type Workbench } from '@dreamgraph/nodes'
import type { DeviceChoice } from './options.js'

export interface BenchOptions {
  readonly device?: DeviceChoice
  /** Folder for pictures; relative to where the command runs. */
  readonly output?: string
  readonly cache?: boolean
  /** Where relative paths are looked for, after the folder where the command runs. */
  readonly folders?: readonly string[]
  /** Also what onnxruntime notes in passing. */
  readonly verbose?: boolean
  /** Takes lines of runtime and cache. Default: to stderr. */
  readonly onLog?: (line: string) => void
}

/** Lends a workbench that is closed however the work ends. */
export async function withWorkbench<T>(options: BenchOptions, work: (bench: Workbench) => Promise<T>): Promise<T> {
  const { device, output = 'out', cache = true, verbose = false, folders = [] } = options
  const { onLog = (line) => void process.stderr.write(`${line}\n`) } = options
  const bench = await openWorkbench({
    device,
    cache: cache ? 'disk' : 'none',
    inputFolders: [process.cwd(), ...folders],
    outputFolder: output,
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

/** onnxruntime's information and warnings, `2026-01-31 … [W:onnxruntime:…`: they are about kernels, not about pictures. */
const isRemark = (line: string): boolean => /\[[VIW]:onnxruntime/.test(line)
