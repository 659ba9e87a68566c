/**
 * From the address to a canvas with nodes that takes a click, at a server that is warm and with nothing in the browser's
 * cache; and how large the script is that it waits for. Goals: 1.5 s, 350 kB compressed.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { findBrowser } from '../../../scripts/browser.mjs'
import { launchPlainBrowser, type PlainBrowser } from './plain-browser.js'

const rounds = 7
const assets = join(process.cwd(), 'dist/assets')
const main = readdirSync(assets).find((name) => /^index-.*\.js$/.test(name))!
console.log(
  `main script: ${Math.round(gzipSync(readFileSync(join(assets, main)), { level: 9 }).byteLength / 1000)} kB gz`,
)

const folder = mkdtempSync(join(tmpdir(), 'dreamgraph-bench-'))
const port = await freePort()
const url = `http://127.0.0.1:${port}/`
const program = join(process.cwd(), '../cli/bin/dreamgraph.js')
const options = ['--port', `${port}`, '--data', join(folder, 'data'), '--device', 'cpu']
const env = { ...process.env, DREAMGRAPH_HOME: join(folder, 'home') }
const server = spawn(process.execPath, [program, 'serve', ...options], { stdio: 'ignore', env })
const executable = findBrowser()
if (!executable) throw new Error('no browser: npm run setup installs one')
const browser = await launchPlainBrowser(executable)
try {
  await answers()
  await measure(browser) // warms the server
  const times: number[] = []
  for (let round = 0; round < rounds; round++) times.push(await measure(browser))
  times.sort((a, b) => a - b)
  const [least, middle, most] = [times[0]!, times[rounds >> 1]!, times.at(-1)!].map(Math.round)
  console.log(`first useful screen: ${middle} ms (${least} to ${most} in ${rounds} rounds)`)
} finally {
  await browser.close()
  server.kill('SIGTERM')
  await new Promise((resolve) => server.once('exit', resolve))
  rmSync(folder, { recursive: true, force: true })
}

/** Milliseconds from the start of the navigation, by the page's own clock, until a press on a node has selected it. */
function measure(browser: PlainBrowser): Promise<number> {
  return browser.ask(`${url}?open=templates/mini`, `(${pressFirstNode})()`, 'window.benchReadyAt')
}

/** Runs in the page, before its own script. */
function pressFirstNode(): void {
  const look = (): void => {
    const node = document.querySelector('[data-node] .node-header')
    if (!node) {
      requestAnimationFrame(look)
      return
    }
    const { x, y } = node.getBoundingClientRect()
    const press = { clientX: x + 5, clientY: y + 5, bubbles: true, isPrimary: true, pointerId: 1 }
    node.dispatchEvent(new PointerEvent('pointerdown', { ...press, button: 0, buttons: 1 }))
    node.dispatchEvent(new PointerEvent('pointerup', { ...press, button: 0 }))
    requestAnimationFrame(() => {
      if (document.querySelector('[data-node].selected')) Object.assign(window, { benchReadyAt: performance.now() })
      else requestAnimationFrame(look)
    })
  }
  requestAnimationFrame(look)
}

async function answers(): Promise<void> {
  for (;;) {
    const health = await fetch(`${url}v1/health`).catch(() => undefined)
    if (health?.ok && ((await health.json()) as { status: string }).status === 'fine') return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  return port
}
