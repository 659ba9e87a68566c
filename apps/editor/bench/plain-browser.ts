/**
 * A browser that no debugger watches, as people have it. Playwright's pages have V8's inspector on, and with it each Error
 * that a script makes while it is loaded has the script parsed again: react-dom's alone take 0.15 s, which nobody waits for.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'

type Call = (method: string, params: object, session?: string) => Promise<Record<string, never>>

export interface PlainBrowser {
  /** Opens a page of 1280×800 with an empty cache, `script` before its own; what `answer` evaluates to once it is something. */
  ask<T>(url: string, script: string, answer: string): Promise<T>
  close(): Promise<void>
}

export async function launchPlainBrowser(executable: string): Promise<PlainBrowser> {
  const folder = mkdtempSync(join(tmpdir(), 'dreamgraph-browser-'))
  const foreground = ['backgrounding-occluded-windows', 'renderer-backgrounding', 'background-timer-throttling']
  const flags = [
    ...['--headless=new', '--no-sandbox', '--no-first-run', '--remote-debugging-port=0', `--user-data-dir=${folder}`],
    ...foreground.map((what) => `--disable-${what}`),
  ]
  const browser = spawn(executable, flags, { stdio: 'ignore' })
  const exited = once(browser, 'exit')
  const socket = new WebSocket(await debuggerAddress(join(folder, 'DevToolsActivePort')))
  await once(socket, 'open')
  const call = caller(socket)
  return {
    async ask<T>(url: string, script: string, answer: string): Promise<T> {
      const { browserContextId } = await call('Target.createBrowserContext', {})
      const { targetId } = await call('Target.createTarget', { url: 'about:blank', browserContextId })
      const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true })
      await call('Page.enable', {}, sessionId)
      const size = { width: 1280, height: 800, deviceScaleFactor: 1, mobile: false }
      await call('Emulation.setDeviceMetricsOverride', size, sessionId)
      await call('Page.addScriptToEvaluateOnNewDocument', { source: script }, sessionId)
      await call('Page.navigate', { url }, sessionId)
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 250))
        const { result } = await call('Runtime.evaluate', { expression: answer, returnByValue: true }, sessionId)
        const { value } = result as { value?: T }
        if (value === undefined) continue
        await call('Target.disposeBrowserContext', { browserContextId })
        return value
      }
    },
    async close() {
      await call('Browser.close', {})
      await exited
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** The browser writes port and path there when it listens. */
async function debuggerAddress(file: string): Promise<string> {
  for (let tries = 0; tries < 300; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    const [port, path] = readIfThere(file).split('\n')
    if (path) return `ws://127.0.0.1:${port}${path}`
  }
  throw new Error('the browser has not started within 30 s')
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function caller(socket: WebSocket): Call {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (reason: Error) => void }>()
  let count = 0
  socket.on('message', (data) => {
    const { id, result, error } = JSON.parse(`${data}`)
    if (error) waiting.get(id)?.reject(new Error(error.message))
    else waiting.get(id)?.resolve(result as never)
    waiting.delete(id)
  })
  return (method, params, sessionId) =>
    new Promise((resolve, reject) => {
      waiting.set(++count, { resolve, reject })
      socket.send(JSON.stringify({ id: count, method, params, sessionId }))
    })
}
