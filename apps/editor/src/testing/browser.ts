/** A real browser on the editor, for tests: on the built files alone, or on a server. Without one, tests are skipped and say why. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { findBrowser } from '../../../../scripts/browser.mjs'
import type { Workspace } from '../app/workspace.js'
import { type Served, serveDist } from './serve-dist.js'

const distFolder = fileURLToPath(new URL('../../dist/', import.meta.url))
const executablePath = findBrowser()

/** Why browser tests cannot run here; undefined if they can. */
export const noBrowser: string | undefined =
  executablePath === undefined
    ? 'browser tests skipped: no Chromium found; set CHROMIUM to the path of one'
    : existsSync(`${distFolder}index.html`)
      ? undefined
      : 'browser tests skipped: the editor is not built; npm run build -w @dreamgraph/editor'

if (noBrowser !== undefined) console.log(noBrowser)

/** A name of this machine that browsers take for another: pages over plain HTTP from there lack some of the browser's API. */
export const elsewhere = 'studio.example'

export interface EditorPage {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors of the console, of scripts and of requests, and any request to another host. */
  readonly faults: readonly string[]
  /** Runs a function in the page with its workspace. */
  inside<T, A>(work: (workspace: Workspace, given: A) => T, given?: A): Promise<T>
  /** Waits until a function of the workspace is true. */
  until(work: (workspace: Workspace) => unknown): Promise<void>
  document(): Promise<Workspace['tab']['store']['document']>
  reload(): Promise<void>
  close(): Promise<void>
}

export interface OpenOptions {
  readonly theme?: 'dark' | 'light'
  /** Another address than the browser was started with. */
  readonly url?: string
  /** A page of the same person: one more tab of the same browser, with the same storage. */
  readonly beside?: EditorPage
  readonly viewport?: { readonly width: number; readonly height: number }
}

export class TestBrowser {
  readonly #browser: Browser
  readonly #url: string
  readonly #served: Served | undefined

  private constructor(browser: Browser, url: string, served?: Served) {
    this.#browser = browser
    this.#url = url
    this.#served = served
  }

  /** `url`: of a server, with the last slash; without it the built files are served, for `?demo`. */
  static async start(url?: string): Promise<TestBrowser> {
    const [browser, served] = await Promise.all([
      chromium.launch({ executablePath, args: ['--no-sandbox', `--host-resolver-rules=MAP ${elsewhere} 127.0.0.1`] }),
      url === undefined ? serveDist(distFolder) : undefined,
    ])
    return new TestBrowser(browser, url ?? served!.url, served)
  }

  /** Storage of its own and no page yet, for what comes before the editor. */
  context(): Promise<BrowserContext> {
    return this.#browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' })
  }

  async open(query = '?demo&pace=0.02', options: OpenOptions = {}): Promise<EditorPage> {
    const { theme = 'dark', url = this.#url, beside, viewport = { width: 1280, height: 800 } } = options
    const context = beside?.context ?? (await this.#browser.newContext({ viewport, colorScheme: theme }))
    const page = await context.newPage()
    page.setDefaultTimeout(120_000)
    const faults: string[] = []
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
    page.on('pageerror', (error) => faults.push(error.stack ?? error.message))
    page.on('request', (request) => {
      const asked = request.url()
      if (!asked.startsWith(url) && !/^(blob|data):/.test(asked)) faults.push(`request to ${asked}`)
    })
    await page.goto(url + query)
    await isReady(page)
    const inside: EditorPage['inside'] = (work, given) =>
      page.evaluate(
        ({ source, value }) => {
          const { dreamgraph } = window as never as { dreamgraph: unknown }
          return new Function(`return (${source})`)()(dreamgraph, value) as unknown
        },
        { source: String(work), value: given as unknown },
      ) as never
    return {
      page,
      context,
      faults,
      inside,
      until: async (work) => {
        while (!(await inside(work))) await page.waitForTimeout(50)
      },
      document: () =>
        page.evaluate(() => (window as never as { dreamgraph: Workspace }).dreamgraph.tab.store.document) as never,
      reload: async () => {
        await page.reload()
        await isReady(page)
      },
      close: () => context.close(),
    }
  }

  async stop(): Promise<void> {
    await this.#browser.close()
    await this.#served?.close()
  }
}

async function isReady(page: Page): Promise<void> {
  await page.waitForSelector('.canvas')
  await page.waitForFunction(() => (window as never as { dreamgraph?: Workspace }).dreamgraph?.canvas !== undefined)
}

/** Findings of axe that are serious or worse, as lines; of the whole page or of a part, by all its rules or some. */
export async function seriousFindings(page: Page, part = 'html', rules?: readonly string[]): Promise<string[]> {
  const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  await page.evaluate(source)
  return page.evaluate(
    async ([part, rules]) => {
      const { axe } = window as never as { axe: typeof import('axe-core') }
      const { violations } = await axe.run(part, { resultTypes: ['violations'], ...(rules && { runOnly: [...rules] }) })
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(
          ({ id, help, nodes }) =>
            `${id}: ${help}: ${nodes
              .slice(0, 3)
              .map((node) => node.html.slice(0, 160))
              .join(' | ')}`,
        )
    },
    [part, rules] as const,
  )
}
