// A server in a process of its own, for measuring from outside.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Served {
  readonly url: string
  readonly token: string
  /** Memory in use once garbage is gone, MiB. */
  readonly memoryMib: () => Promise<number>
  readonly post: (path: string, body?: object) => Promise<unknown>
  readonly get: (path: string) => Promise<unknown>
  readonly stop: () => Promise<void>
}

const script = fileURLToPath(new URL('./serve-main.js', import.meta.url))

/** Starts it on an empty folder, without workers of its own. */
export async function serve(data: string): Promise<Served> {
  const token = 'bench'
  const child = spawn(process.execPath, ['--expose-gc', script], {
    env: { ...process.env, BENCH_SERVER: JSON.stringify({ data, token }) },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const url = await firstLine(child)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const ask = async (path: string, init: RequestInit): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, { ...init, headers })
    if (!response.ok) throw new Error(`${path}: expected success, got ${response.status} ${await response.text()}`)
    const text = await response.text()
    return text === '' ? undefined : JSON.parse(text)
  }
  return {
    url,
    token,
    get: (path) => ask(path, {}),
    post: (path, body) => ask(path, { method: 'POST', body: JSON.stringify(body ?? {}) }),
    async memoryMib() {
      const told = once(child, 'message')
      child.send('memory')
      const [bytes] = (await told) as [number]
      return bytes / 2 ** 20
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
    },
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      text += part
      if (text.includes('\n')) resolve(text.split('\n')[0]!)
    })
    child.once('exit', (code) => reject(new Error(`server: ended with ${code} before it listened`)))
  })
}
