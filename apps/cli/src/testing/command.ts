// Runs the real command in a process of its own, in a folder of its own, with a home of its own.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Place {
  /** Where commands run and write. */
  readonly folder: string
  run(args: readonly string[], options?: { readonly onStdout?: (text: string, pid: number) => void }): Promise<Ended>
  remove(): Promise<void>
}

export const repository = dirname(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))))
export const program = join(repository, 'apps/cli/bin/dreamgraph.js')

export async function openPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'dreamgraph-cli-'))
  return {
    folder,
    run(args, { onStdout } = {}) {
      const env = { ...process.env, DREAMGRAPH_HOME: join(folder, 'home') }
      const child = spawn(process.execPath, [program, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
      let stdout = ''
      let stderr = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text
        onStdout?.(stdout, child.pid!)
      })
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text
      })
      return new Promise((resolve, reject) => {
        child.on('error', reject)
        child.on('close', (code) => resolve({ code, stdout, stderr }))
      })
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Every line of a `--json` output; throws when one is not JSON. */
export function jsonLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** Inputs for a picture that takes next to no time. */
export const small = ['--input', 'width=64', '--input', 'height=64', '--input', 'steps=1']
