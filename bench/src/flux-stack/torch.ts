// The yardstick's process: a Python with torch that answers line by line, so that its runs alternate with ours.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { peakBytes } from '../worker.js'

/** The Python to ask for torch: $DREAMGRAPH_PYTHON, or python3. */
export const python = process.env.DREAMGRAPH_PYTHON || 'python3'

/** Undefined when there is no torch. */
export function torchVersion(): string | undefined {
  const asked = spawnSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' })
  return asked.status === 0 ? asked.stdout.trim() : undefined
}

/** Safetensors that the script reads. */
export interface TorchFiles {
  readonly weights: string
  readonly inputs: string
}

export interface TorchRun {
  /** Of a training step. */
  readonly loss?: number
  readonly ms: number
  readonly peakBytes: number
}

export class TorchStack {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  private constructor(files: TorchFiles, threads: number, name: string, dtype: string) {
    const script = fileURLToPath(new URL(`../../torch/${name}.py`, import.meta.url))
    const args = [script, files.weights, files.inputs, String(threads), ...(dtype === 'float32' ? [] : [dtype])]
    this.#child = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]()
  }

  /** Resolves when the weights are loaded. `name` is a script in bench/torch; `dtype` a name of torch's. */
  static async open(files: TorchFiles, threads: number, name = 'flux_stack', dtype = 'float32'): Promise<TorchStack> {
    const stack = new TorchStack(files, threads, name, dtype)
    await stack.#answer()
    return stack
  }

  /** One run; with `outputFile` its output is written there, raw float32. */
  async run(outputFile = ''): Promise<TorchRun> {
    this.#child.stdin!.write(`${outputFile}\n`)
    const { ms, loss, peakBytes: reported } = (await this.#answer()) as TorchRun
    return { ms, loss, peakBytes: peakBytes(this.#child.pid, reported) }
  }

  close(): void {
    this.#child.stdin!.end()
  }

  async #answer(): Promise<unknown> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('torch: expected an answer, got the end of its process; its last words are above')
    return JSON.parse(value)
  }
}
