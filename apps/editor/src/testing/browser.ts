/** A real browser on the built editor, for tests. Where there is none, tests are skipped and say why. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { Workspace } from '../app/workspace.js'
import { type Served, serveDist } from './serve-dist.js'

const distFolder = fileURLToPath(new URL('../../dist/', import.meta.url))
const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executablePath = candidates.find((path) => path !== undefined && existsSync(path))

/** Why browser tests cannot run here; undefined if they can. */
export const noBrowser: string | undefined =
  executablePath === undefined
    ? 'browser tests skipped: no Chromium found; set CHROMIUM to the path of one'
    : existsSync(`${distFolder}index.html`)
      ? undefined
      : 'browser tests skipped: the editor is not built; npm run build -w @dreamgraph/editor'

if (noBrowser !== undefined) console.log(noBrowser)

export interface EditorPage {
  readonly page: Page
  /** Errors of the console, of scripts and of requests, and any request to another host. */
  readonly faults: readonly string[]
  /** Runs a function in the page with its workspace. */
  inside<T, A>(work: (workspace: Workspace, given: A) => T, given?: A): Promise<T>
  document(): Promise<Workspace['tab']['store']['document']>
  close(): Promise<void>
}

export class TestBrowser {
  readonly #browser: Browser
  readonly #served: Served

  private constructor(browser: Browser, served: Served) {
    this.#browser = browser
    this.#served = served
  }

  static async start(): Promise<TestBrowser> {
    const [browser, served] = await Promise.all([
      chromium.launch({ executablePath, args: ['--no-sandbox'] }),
      serveDist(distFolder),
    ])
    return new TestBrowser(browser, served)
  }

  async open(query = '?demo&pace=0.02', theme: 'dark' | 'light' = 'dark'): Promise<EditorPage> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: theme })
    const page = await context.newPage()
    page.setDefaultTimeout(120_000)
    const faults: string[] = []
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
    page.on('pageerror', (error) => faults.push(error.stack ?? error.message))
    page.on('request', (request) => {
      const url = request.url()
      if (!url.startsWith(this.#served.url) && !/^(blob|data):/.test(url)) faults.push(`request to ${url}`)
    })
    await page.goto(this.#served.url + query)
    await page.waitForSelector('.canvas')
    await page.waitForFunction(() => (window as never as { dreamgraph?: Workspace }).dreamgraph?.canvas !== undefined)
    return {
      page,
      faults,
      inside: (work, given) =>
        page.evaluate(
          ({ source, value }) => {
            const { dreamgraph } = window as never as { dreamgraph: unknown }
            return new Function(`return (${source})`)()(dreamgraph, value) as unknown
          },
          { source: String(work), value: given as unknown },
        ) as never,
      document: () =>
        page.evaluate(() => (window as never as { dreamgraph: Workspace }).dreamgraph.tab.store.document) as never,
      close: () => context.close(),
    }
  }

  async stop(): Promise<void> {
    await this.#browser.close()
    await this.#served.close()
  }
}

/** Findings of axe that are serious or worse, as lines; of the whole page or of a part. */
export async function seriousFindings(page: Page, part = 'html'): Promise<string[]> {
  const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  await page.evaluate(source)
  return page.evaluate(async (part) => {
    const { axe } = window as never as { axe: typeof import('axe-core') }
    const { violations } = await axe.run(part, { resultTypes: ['violations'] })
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, help, nodes }) =>
          `${id}: ${help}: ${nodes
            .slice(0, 3)
            .map((node) => node.html.slice(0, 160))
            .join(' | ')}`,
      )
  }, part)
}
