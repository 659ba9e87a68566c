/**
 * How the canvas does with a large graph, beside @xyflow/react in the same browser: `npm run bench -w @dreamgraph/editor`
 * (after npm run build) prints, for 1280 × 800, how long each takes from the text of a workflow to a frame with the whole
 * graph, frames a second while the canvas is dragged by the mouse at zoom 0.5 and 0.1, and the JS heap after that.
 */
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { findBrowser } from '../../../scripts/browser.mjs'
import { bigWorkflow, bigWorkflowText } from '../src/testing/big-workflow.js'
import { serveDist } from '../src/testing/serve-dist.js'

const large = { nodes: 1000, links: 1500 }
const huge = { nodes: 5000, links: 7500 }
const dragSeconds = 3
const settleMs = 1500

interface Contestant {
  readonly name: string
  readonly url: string
  /** Milliseconds until a frame with the graph has been shown. */
  readonly open: (page: Page) => Promise<number>
  /** The middle of the graph in the middle of the page. */
  readonly zoom: (page: Page, zoom: number) => Promise<unknown>
  readonly surface: string
}

const editor = await serveDist(join(process.cwd(), 'dist'))
const yardstick = await serveDist(join(process.cwd(), '.turbo/bench-xyflow'))
const browser = await chromium.launch({
  executablePath: findBrowser(),
  args: ['--no-sandbox', '--enable-precise-memory-info'],
})
try {
  const rows = []
  for (const contestant of [ours(large), xyflow(false), xyflow(true), ours(huge)])
    rows.push(await measure(browser, contestant))
  console.table(Object.fromEntries(rows))
} finally {
  await browser.close()
  await Promise.all([editor.close(), yardstick.close()])
}

function ours(size: typeof large): Contestant {
  return {
    name: `editor, ${size.nodes} nodes, ${size.links} links`,
    url: `${editor.url}?demo`,
    surface: '.canvas',
    open: (page) =>
      page.evaluate(async (text) => {
        const { dreamgraph } = window as never as { dreamgraph: { openText(text: string, title: string): void } }
        const start = performance.now()
        dreamgraph.openText(text, 'big')
        for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
        return performance.now() - start
      }, bigWorkflowText(size)),
    zoom: (page, zoom) =>
      page.evaluate((zoom) => {
        const { dreamgraph } = window as never as {
          dreamgraph: { canvas: import('../src/canvas/graph-canvas.js').GraphCanvas }
        }
        dreamgraph.canvas.centerOn({ x: 4000, y: 2500 }, zoom)
      }, zoom),
  }
}

function xyflow(isCulled: boolean): Contestant {
  return {
    name: `@xyflow/react, ${large.nodes} nodes${isCulled ? ', only visible' : ''}`,
    url: yardstick.url,
    surface: '.react-flow__pane',
    open: (page) =>
      page.evaluate(
        async ({ workflow, isCulled }) => {
          const { openFlow } = window as never as {
            openFlow: (workflow: unknown, isCulled: boolean) => Promise<unknown>
          }
          const start = performance.now()
          Object.assign(window, { flow: await openFlow(workflow, isCulled) })
          for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
          return performance.now() - start
        },
        { workflow: bigWorkflow(large) as never, isCulled },
      ),
    zoom: (page, zoom) =>
      page.evaluate((zoom) => {
        const { flow } = window as never as {
          flow: { setCenter(x: number, y: number, options: { zoom: number }): Promise<boolean> }
        }
        return flow.setCenter(4000, 2500, { zoom })
      }, zoom),
  }
}

async function measure(browser: Browser, { name, url, open, zoom, surface }: Contestant) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  page.setDefaultTimeout(120_000)
  await page.goto(url)
  await page.waitForFunction(() => 'dreamgraph' in window || 'openFlow' in window)
  await page.waitForTimeout(settleMs)
  const readyMs = await open(page)
  await page.waitForTimeout(settleMs)
  const rates: number[] = []
  for (const level of [0.5, 0.1]) {
    await zoom(page, level)
    await page.waitForTimeout(settleMs)
    rates.push(await dragCanvas(page, surface))
  }
  const heap = await heapBytes(page)
  await page.close()
  const [near, far] = rates.map((rate) => Number(rate.toFixed(1)))
  return [
    name,
    {
      'ready, ms': Math.round(readyMs),
      'frames/s at 0.5': near,
      'frames/s at 0.1': far,
      'heap, MB': Math.round(heap / 1e6),
    },
  ] as const
}

/** Frames a second while the middle button drags the canvas in circles: it pans in both, wherever it is pressed. */
async function dragCanvas(page: Page, surface: string): Promise<number> {
  const box = (await page.locator(surface).first().boundingBox())!
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down({ button: 'middle' })
  await page.evaluate(() => {
    const state = { count: 0, isOn: true }
    Object.assign(window, { benchFrames: state })
    const tick = () => {
      state.count++
      if (state.isOn) requestAnimationFrame(tick)
    }
    requestAnimationFrame(tick)
  })
  const start = Date.now()
  while (Date.now() - start < dragSeconds * 1000) {
    const angle = (Date.now() - start) / 250
    await page.mouse.move(x + Math.cos(angle) * 260, y + Math.sin(angle) * 160)
  }
  const frames = await page.evaluate(() => {
    const { benchFrames } = window as never as { benchFrames: { count: number; isOn: boolean } }
    benchFrames.isOn = false
    return benchFrames.count
  })
  const seconds = (Date.now() - start) / 1000
  await page.mouse.up({ button: 'middle' })
  return frames / seconds
}

/** After garbage has been collected. */
async function heapBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize
}
