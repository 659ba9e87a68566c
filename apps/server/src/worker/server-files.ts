// The server's bytes for a worker: input files into a local folder by digest, outputs and results to the server.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, utimes } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { Readable } from 'node:stream'
import { apiPrefix } from '@dreamgraph/protocol'
import { makeFolder, writeFileAtomic } from '@dreamgraph/store'
import { sha256 } from '../files/artifact-store.js'

export interface ServerFilesOptions {
  /** http://host:port */
  readonly url: string
  readonly token: string
  /** Where input files are kept between jobs. */
  readonly folder: string
}

const tries = 5
const firstWaitMs = 200

/** Starting anew, or asked too much for the moment. */
const isPassing = (status: number): boolean => status >= 500 || status === 429

type Body = NonNullable<RequestInit['body']>

export class ServerFiles {
  readonly #options: ServerFilesOptions

  constructor(options: ServerFilesOptions) {
    this.#options = options
  }

  /** Path of a local copy. The name keeps its ending, by which readers tell formats. */
  async fetchInput(digest: string, name: string, signal: AbortSignal): Promise<string> {
    const { folder } = this.#options
    const path = join(folder, `${digest}${extname(name).toLowerCase()}`)
    const known = await readFile(path).catch(() => undefined)
    if (known && sha256(known) === digest) {
      const now = new Date()
      await utimes(path, now, now).catch(() => {}) // so that it is kept
      return path
    }
    const response = await this.#request('GET', `/artifacts/${digest}`, { signal })
    if (!response.ok) throw new Error(`input ${name}: expected its bytes from the server, got ${response.status}`)
    const bytes = new Uint8Array(await response.arrayBuffer())
    if (sha256(bytes) !== digest) throw new Error(`input ${name}: expected bytes of ${digest}, got ${sha256(bytes)}`)
    await makeFolder(folder)
    await writeFileAtomic(path, bytes)
    return path
  }

  /** Brings bytes to the server; the digest that they are known by there. */
  async store(bytes: Uint8Array): Promise<string> {
    return this.#store(sha256(bytes), () => new Uint8Array(bytes))
  }

  /** The same for a file of any size. */
  async storeFile(path: string): Promise<string> {
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
    return this.#store(hash.digest('hex'), () => Readable.toWeb(createReadStream(path)) as Body)
  }

  async #store(digest: string, body: () => Body): Promise<string> {
    const response = await this.#request('PUT', `/artifacts/${digest}`, { body })
    if (!response.ok) throw new Error(`output: expected the server to keep it, got ${response.status}`)
    return digest
  }

  async cachedResult(key: string): Promise<Uint8Array | undefined> {
    const response = await this.#request('GET', `/cache/${key}`)
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined
  }

  async storeResult(key: string, bytes: Uint8Array): Promise<void> {
    await this.#request('PUT', `/cache/${key}`, { body: () => new Uint8Array(bytes) })
  }

  /** Tries again while the server is away: it may be starting anew. */
  async #request(
    method: string,
    path: string,
    init: { body?: () => Body; signal?: AbortSignal } = {},
  ): Promise<Response> {
    const { url, token } = this.#options
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await fetch(url + apiPrefix + path, {
          method,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
          ...(init.body && { body: init.body(), duplex: 'half' }),
          signal: init.signal,
        })
        if (!isPassing(response.status) || attempt >= tries) return response
      } catch (error) {
        if (init.signal?.aborted || attempt >= tries) throw error
      }
      await new Promise((resolve) => setTimeout(resolve, firstWaitMs * 2 ** attempt))
    }
  }
}
