// Servers and workers as processes that tests may kill: started from the built package, waited for, found by parent.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('./serve.mjs', import.meta.url))
/** A machine may be busy; one that waits here for long does so for nothing else. */
const startMs = 180_000

/** Starts a server with these options and waits until it answers. `log` is a file for what it says. */
export async function startServerProcess(options, log) {
  const child = startProcess(options, log)
  const url = `http://127.0.0.1:${options.port}`
  for (const untilMs = Date.now() + startMs; Date.now() < untilMs; await sleep(50)) {
    if (hasEnded(child)) break
    const health = await fetch(`${url}/v1/health`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined)
    if (health?.ok && (await health.json()).status === 'fine') return { child, pid: child.pid, url }
  }
  const got = hasEnded(child) ? 'its end' : 'silence'
  await killProcess(child)
  throw new Error(`server: expected to answer within ${startMs / 1000} s, got ${got} (${log})`)
}

/** Starts a server, or with `{ worker }` a worker, which takes the options of `runWorker` but for `onLog`. */
export function startProcess(options, log) {
  const output = log === undefined ? 'ignore' : openSync(log, 'a')
  const child = fork(script, [JSON.stringify(options)], { stdio: ['ignore', output, output, 'ipc'] })
  if (output !== 'ignore') closeSync(output)
  return child
}

const hasEnded = (child) => child.exitCode !== null || child.signalCode !== null

/** kill -9, and waits until the process is gone. */
export async function killProcess(child) {
  if (hasEnded(child)) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** False when there was no such process any more. */
export function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
    return true
  } catch {
    return false
  }
}

/** Pids of the children of a process whose command line has these words in it. Linux only. */
export function childrenOf(pid, words) {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      // pid (name, which may hold anything) state parent …
      const parent = Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1).split(' ')[1])
      if (parent !== pid) return []
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(words) ? [Number(name)] : []
    } catch {
      return [] // gone in the meantime
    }
  })
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
