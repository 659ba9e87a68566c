/**
 * How the canvas does with a large graph, in headless Chromium at 1280 × 800:
 * `npm run build -w @dreamgraph/editor && npm run bench -w @dreamgraph/editor`
 * prints time to open, and frames a second while panning near, at zoom 0.5 and at 0.1.
 */
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { bigWorkflowText } from '../src/testing/big-workflow.js'
import { serveDist } from '../src/testing/serve-dist.js'

const size = { nodes: 1000, links: 1500 }
const panSeconds = 3

interface Measured {
  readonly fps: number
  /** Slowest frame, milliseconds. */
  readonly worst: number
}

const served = await serveDist(join(process.cwd(), 'dist'))
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(`${served.url}?demo`)
  await page.waitForSelector('.canvas')
  await page.waitForTimeout(500)
  console.log(`open ${size.nodes} nodes, ${size.links} links: ${Math.round(await open(page))} ms`)
  for (const zoom of [0.1, 0.5, 0.8, 1]) {
    const { fps, worst } = await pan(page, zoom)
    console.log(`pan at ${zoom}: ${fps.toFixed(1)} frames/s, slowest frame ${Math.round(worst)} ms`)
  }
  console.log(`drag a node at 0.1: ${(await drag(page)).toFixed(1)} frames/s`)
} finally {
  await browser.close()
  await served.close()
}

/** Text in, until a frame with the whole graph has been shown. */
async function open(page: Page): Promise<number> {
  return page.evaluate(async (text) => {
    const { dreamgraph } = window as never as { dreamgraph: { openText(text: string, title: string): void } }
    const frame = () => new Promise(requestAnimationFrame)
    const start = performance.now()
    dreamgraph.openText(text, 'big')
    await frame()
    await frame()
    await frame()
    return performance.now() - start
  }, bigWorkflowText(size))
}

async function pan(page: Page, zoom: number): Promise<Measured> {
  return page.evaluate(
    async ([zoom, seconds]) => {
      const { dreamgraph } = window as never as {
        dreamgraph: { canvas: import('../src/canvas/graph-canvas.js').GraphCanvas }
      }
      const { canvas } = dreamgraph
      canvas.centerOn({ x: 4000, y: 2500 }, zoom)
      await new Promise((resolve) => setTimeout(resolve, 1200))
      const { x, y, k } = canvas.stage.transform
      const times: number[] = []
      let last = performance.now()
      const end = last + seconds! * 1000
      for (let step = 0; last < end; step++) {
        // To and fro, 12 pixels a frame: some 700 pixels a second.
        const at = Math.sin(step / 40) * 480
        canvas.stage.moveTo({ x: x + at, y: y + at / 3, k })
        await new Promise(requestAnimationFrame)
        const now = performance.now()
        times.push(now - last)
        last = now
      }
      return { fps: (1000 * times.length) / times.reduce((sum, time) => sum + time, 0), worst: Math.max(...times) }
    },
    [zoom, panSeconds],
  )
}

/** Each frame is a recipe on the document here. */
async function drag(page: Page): Promise<number> {
  await page.evaluate(() => {
    const { dreamgraph } = window as never as {
      dreamgraph: { canvas: import('../src/canvas/graph-canvas.js').GraphCanvas }
    }
    dreamgraph.canvas.fit()
  })
  await page.waitForTimeout(500)
  const box = (await page.locator('.canvas').boundingBox())!
  await page.evaluate(() => {
    const state = { count: 0, isOn: true }
    Object.assign(window, { benchFrames: state })
    const tick = () => {
      state.count++
      if (state.isOn) requestAnimationFrame(tick)
    }
    tick()
  })
  const start = Date.now()
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  while (Date.now() - start < 2000) {
    const angle = (Date.now() - start) / 200
    await page.mouse.move(x + Math.cos(angle) * 60, y + Math.sin(angle) * 60)
  }
  await page.mouse.up()
  const frames = await page.evaluate(() => (window as never as { benchFrames: { count: number } }).benchFrames.count)
  return (1000 * frames) / (Date.now() - start)
}
