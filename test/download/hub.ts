// A hub of models on this machine, with the faults that real ones have: cuts, wrong bytes, limits, licences, redirects.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What goes wrong with one request for a file. */
export interface Fault {
  /** The connection is cut after so many bytes of the body. */
  readonly cutAfterBytes?: number
  /** The bytes are others, as many. */
  readonly isWrong?: boolean
  /** This much of the file is all there is. */
  readonly onlyBytes?: number
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The whole file comes, whatever range was asked for. */
  readonly ignoresRange?: boolean
  readonly bytesPerSecond?: number
  /** Headers come, and then nothing. */
  readonly stalls?: boolean
}

export interface ApiAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Seen {
  readonly host: 'hub' | 'cdn'
  readonly path: string
  readonly authorization: string | undefined
  readonly range: string | undefined
}

type Files = Readonly<Record<string, Uint8Array>>

export interface HubContent {
  /** Of owner/model: commit → path → bytes. */
  readonly commits: Readonly<Record<string, Files>>
  /** Branch or tag → commit. May be changed while the hub runs. */
  readonly branches: Record<string, string>
  /** Further repositories with one commit each. */
  readonly others?: Readonly<Record<string, Files>>
  /** Files of at least so many bytes are kept at the CDN, and known by SHA-256. Default 1000. */
  readonly largeFromBytes?: number
  readonly pageSize?: number
  /** Asked for everything, when given. */
  readonly token?: string
  /** Asked once per request that would bring bytes; `count` is how often the file was asked for before. */
  readonly fault?: (path: string, count: number) => Fault | undefined
  /** May take the place of an answer of the API. */
  readonly api?: (path: string, count: number) => ApiAnswer | undefined
}

export interface LocalHub {
  readonly url: string
  readonly seen: Seen[]
  /** Of bodies of files. */
  sentBytes: number
  close(): Promise<void>
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
export const gitHash = (bytes: Uint8Array): string =>
  createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex')

/** Bytes and numbers that look like chance and are the same each time. */
export function chance(seed: number): { below(limit: number): number; bytes(length: number): Uint8Array } {
  let state = seed
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state
  }
  return {
    below: (limit) => Math.floor((next() / 2 ** 32) * limit),
    bytes: (length) => Uint8Array.from({ length }, () => next() >>> 24),
  }
}

export const commitOf = (digit: string): string => digit.repeat(40)

export async function openLocalHub(content: HubContent): Promise<LocalHub> {
  const largeFromBytes = content.largeFromBytes ?? 1000
  const counts = new Map<string, number>()
  const hub: LocalHub = { url: '', seen: [], sentBytes: 0, close: async () => {} }

  const repoOf = (repo: string): Pick<HubContent, 'commits' | 'branches'> => {
    const files = content.others?.[repo]
    if (files) return { commits: { [commitOf('f')]: files }, branches: { main: commitOf('f') } }
    return repo === 'owner/model' ? content : { commits: {}, branches: {} }
  }
  const count = (key: string): number => {
    const before = counts.get(key) ?? 0
    counts.set(key, before + 1)
    return before
  }
  const note = (host: Seen['host'], request: IncomingMessage): void => {
    const { authorization, range } = request.headers
    hub.seen.push({ host, path: request.url!, authorization, range })
  }
  const sendFile = (request: IncomingMessage, response: ServerResponse, path: string, whole: Uint8Array): void => {
    const fault = content.fault?.(path, count(path)) ?? {}
    if (fault.status) return void response.writeHead(fault.status, fault.headers).end()
    const file = fault.onlyBytes === undefined ? whole : whole.subarray(0, fault.onlyBytes)
    const start = fault.ignoresRange ? 0 : Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    if (start > 0 && start >= file.length) return void response.writeHead(416).end()
    const body = fault.isWrong ? file.slice(start).map((byte) => byte ^ 1) : file.subarray(start)
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': body.length,
      ...(start > 0 && { 'content-range': `bytes ${start}-${file.length - 1}/${file.length}` }),
    })
    response.flushHeaders()
    if (fault.stalls) return
    void pour(response, body, fault, (sent) => {
      hub.sentBytes += sent
    })
  }

  const cdn = await listen((request, response) => {
    note('cdn', request)
    const [, repo, commit, path] = /^\/blobs\/([^/]+\/[^/]+)\/(\w+)\/(.*)\?signature=secret$/.exec(request.url!) ?? []
    const bytes = repo && repoOf(repo).commits[commit!]?.[decodeURIComponent(path!)]
    if (bytes) sendFile(request, response, decodeURIComponent(path!), bytes)
    else response.writeHead(404).end()
  })

  const home = await listen((request, response) => {
    note('hub', request)
    const { pathname, searchParams } = new URL(request.url!, 'http://hub')
    if (content.token !== undefined && request.headers.authorization !== `Bearer ${content.token}`) {
      return void response.writeHead(401).end()
    }
    const fault = pathname.startsWith('/api/') ? content.api?.(pathname, count(pathname)) : undefined
    if (fault) return void response.writeHead(fault.status ?? 200, fault.headers).end(fault.body)
    const [, api, ask, what] = /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\/(.+)$/.exec(pathname) ?? []
    const [, stored, commit, path] = /^\/([^/]+\/[^/]+)\/resolve\/(\w+)\/(.+)$/.exec(pathname) ?? []
    const { commits, branches } = repoOf(api ?? stored ?? '')
    if (ask === 'revision') {
      const name = decodeURIComponent(what!)
      const sha = branches[name] ?? (commits[name] && name)
      return sha ? json(response, { sha }) : void response.writeHead(404).end()
    }
    if (ask === 'tree' && commits[what!]) {
      const entries = Object.entries(commits[what!]!).map(([path, bytes]) => treeEntry(path, bytes, largeFromBytes))
      const from = Number(searchParams.get('cursor') ?? 0)
      const pageSize = content.pageSize ?? 1000
      if (from + pageSize < entries.length) {
        const next = `${hub.url}${pathname}?recursive=true&cursor=${from + pageSize}`
        response.setHeader('link', `<${hub.url}/first>; rel="first", <${next}>; rel="next"`)
      }
      return json(response, [
        { type: 'directory', path: 'folder', oid: '', size: 0 },
        ...entries.slice(from, from + pageSize),
      ])
    }
    const bytes = commit && commits[commit]?.[decodeURIComponent(path!)]
    if (!bytes) return void response.writeHead(404).end()
    if (bytes.byteLength < largeFromBytes) return sendFile(request, response, decodeURIComponent(path!), bytes)
    response.writeHead(302, { location: `${cdn.url}/blobs/${stored}/${commit}/${path}?signature=secret` }).end()
  })

  return Object.assign(hub, {
    url: home.url,
    close: async () => {
      await Promise.all([home.close(), cdn.close()])
    },
  })
}

function treeEntry(path: string, bytes: Uint8Array, largeFromBytes: number): object {
  const size = bytes.byteLength
  const isLarge = size >= largeFromBytes
  const pointer = new TextEncoder().encode(`oid sha256:${sha256(bytes)}\nsize ${size}\n`)
  return {
    type: 'file',
    path,
    size,
    oid: gitHash(isLarge ? pointer : bytes),
    ...(isLarge && { lfs: { oid: sha256(bytes), size, pointerSize: pointer.byteLength } }),
  }
}

/** Writes a body as its fault says, in pieces, so that a cut leaves what came before it. */
async function pour(
  response: ServerResponse,
  body: Uint8Array,
  { cutAfterBytes = Infinity, bytesPerSecond = Infinity }: Fault,
  onSent: (bytes: number) => void,
): Promise<void> {
  const pieceBytes = Math.min(16_384, Math.max(1, bytesPerSecond / 50))
  for (let at = 0; at < body.length && at < cutAfterBytes; ) {
    const piece = body.subarray(at, Math.min(at + pieceBytes, cutAfterBytes))
    if (response.destroyed) return
    await new Promise((done) => response.write(piece, done))
    at += piece.length
    onSent(piece.length)
    if (bytesPerSecond < Infinity) await new Promise((done) => setTimeout(done, 20))
  }
  if (body.length > cutAfterBytes) response.destroy()
  else response.end()
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

async function listen(
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer(onRequest)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
