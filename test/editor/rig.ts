/** The real server with the small model on CPU, and a browser on its editor; shared by all tests of this folder. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, connect } from '@dreamgraph/client'
import { TestBrowser } from '../../apps/editor/src/testing/browser.js'
import {
  freePort,
  killProcess,
  type ServerProcess,
  startServerProcess,
} from '../../apps/server/src/testing/processes.mjs'

export const atRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

export const pictureFiles = [
  atRoot('examples/pictures/mini-teapot.png'),
  atRoot('examples/pictures/mini-robot.png'),
] as const

export class Rig {
  readonly browser: TestBrowser
  readonly client: Client
  readonly #folder: string
  readonly #options: { readonly port: number }
  #server: ServerProcess

  private constructor(given: {
    browser: TestBrowser
    server: ServerProcess
    folder: string
    options: { port: number }
  }) {
    this.browser = given.browser
    this.#server = given.server
    this.#folder = given.folder
    this.#options = given.options
    this.client = connect({ url: given.server.url })
  }

  static async start(): Promise<Rig> {
    const folder = await mkdtemp(join(tmpdir(), 'dreamgraph-editor-'))
    const places = { data: join(folder, 'data'), home: join(folder, 'home') }
    const library = { libraries: [atRoot('examples')], editor: atRoot('apps/editor/dist') }
    const options = {
      ...places,
      ...library,
      packs: [atRoot('test/editor/pace')],
      port: await freePort(),
      device: 'cpu',
    }
    const server = await startServerProcess(options, join(folder, 'server.log'))
    const browser = await TestBrowser.start(`${server.url}/`)
    return new Rig({ browser, server, folder, options })
  }

  get port(): number {
    return this.#options.port
  }

  get url(): string {
    return `${this.#server.url}/`
  }

  /** kill -9: nothing is told to anybody, nothing is tidied up. */
  async killServer(): Promise<void> {
    await killProcess(this.#server.child)
  }

  /** On the same folder and port. */
  async startServerAgain(): Promise<void> {
    this.#server = await startServerProcess(this.#options, join(this.#folder, 'server.log'))
  }

  async stop(): Promise<void> {
    this.client.close()
    await this.browser.stop()
    await this.killServer()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
