// A hub of models, in the form of huggingface.co: what a repository holds at one commit, with the hash of every file.
import { StoreError } from '../errors.js'
import type { FileHash } from './file-hash.js'
import { type Answer, get, type HubAddress, type RequestOptions } from './request.js'
import { defaultRetryPolicy, type RetryPolicy, withRetries } from './retry.js'

export interface HubOptions {
  /** Default: $DREAMGRAPH_HUB_URL, else https://huggingface.co. */
  readonly url?: string
  /** Sent to the hub's own host only. Default: $DREAMGRAPH_HUB_TOKEN. */
  readonly token?: string
  /** A connection that brings nothing for this long is given up. Default 60 s. */
  readonly stallMs?: number
  readonly retry?: Partial<RetryPolicy>
}

/** A hub to download from. Nothing is asked before it must be. */
export interface Hub extends HubAddress {
  readonly retry: RetryPolicy
}

export interface HubFile {
  /** As the hub says it, with slashes; not yet checked for where it leads. */
  readonly path: string
  readonly sizeBytes: number
  readonly hash: FileHash
}

/** A repository at one commit, so that what is downloaded fits together however long it takes. */
export interface HubListing {
  /** owner/name */
  readonly repo: string
  readonly commit: string
  readonly files: readonly HubFile[]
}

export interface HubQuery {
  readonly repo: string
  /** Branch, tag or commit. Default `main`. */
  readonly revision?: string
  readonly signal?: AbortSignal
  /** Is told of tries that failed. */
  readonly onLog?: (line: string) => void
}

/** Throws store/hub-invalid for what is no web address. */
export function openHub(options: HubOptions = {}): Hub {
  const url = options.url ?? (process.env.DREAMGRAPH_HUB_URL || 'https://huggingface.co')
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.search !== '') {
    throw new StoreError('store/hub-invalid', `hub: expected a plain web address, got ${JSON.stringify(url)}`)
  }
  return {
    base: parsed.href.replace(/\/+$/, ''),
    token: (options.token ?? process.env.DREAMGRAPH_HUB_TOKEN) || undefined,
    stallMs: options.stallMs ?? 60_000,
    retry: { ...defaultRetryPolicy, ...options.retry },
  }
}

/** Everything in a repository, at the commit that the revision is now. Throws store/hub-*. */
export async function listHubFiles(hub: Hub, query: HubQuery): Promise<HubListing> {
  const { repo, revision = 'main' } = query
  if (!/^[\w.-]+\/[\w.-]+$/.test(repo) || repo.split('/').some(isDots)) {
    throw new StoreError('store/hub-missing', `repository: expected owner/name, got ${JSON.stringify(repo)}`)
  }
  if (revision === '' || isDots(revision)) {
    throw new StoreError('store/hub-missing', `${repo}: expected a branch, tag or commit, got "${revision}"`)
  }
  const api = `${hub.base}/api/models/${repo}`
  const { json } = await getJson(hub, `${api}/revision/${encodeURIComponent(revision)}`, query)
  const commit = (json as { sha?: unknown } | null)?.sha
  if (typeof commit !== 'string' || !/^[0-9a-f]{40,64}$/.test(commit)) {
    throw new StoreError('store/hub-invalid', `${api}: expected the commit of ${revision}, got ${short(commit)}`)
  }
  const files: HubFile[] = []
  const seen = new Set<string>()
  for (let url: string | undefined = `${api}/tree/${commit}?recursive=true`; url !== undefined; ) {
    if (seen.has(url)) throw new StoreError('store/hub-invalid', `${url}: expected another page, got the same again`)
    seen.add(url)
    const page = await getJson(hub, url, query)
    files.push(...parseTree(page.json, url))
    url = page.next
  }
  return { repo, commit, files }
}

/** Where the bytes of a file are asked for. */
export function hubFileUrl(hub: HubAddress, { repo, commit }: HubListing, path: string): string {
  return `${hub.base}/${repo}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`
}

async function getJson(
  hub: Hub,
  url: string,
  { signal, onLog }: RequestOptions & Pick<HubQuery, 'onLog'>,
): Promise<{ json: unknown; next: string | undefined }> {
  const read = async ({ chunks, headers }: Answer) => {
    const parts: Uint8Array[] = []
    for await (const chunk of chunks) parts.push(chunk)
    return { text: Buffer.concat(parts).toString('utf8'), next: nextPage(headers.get('link'), url) }
  }
  const { text, next } = await withRetries({ what: url, policy: hub.retry, signal, onLog }, () =>
    get(hub, url, { signal }, read),
  )
  try {
    return { json: JSON.parse(text), next }
  } catch (cause) {
    throw new StoreError('store/hub-invalid', `${url}: expected JSON, got ${short(text)}`, { cause })
  }
}

/** The target of rel="next" in a Link header. */
function nextPage(link: string | null, base: string): string | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(link ?? '')?.[1]
  return target === undefined ? undefined : new URL(target, base).href
}

function parseTree(json: unknown, where: string): HubFile[] {
  if (!Array.isArray(json)) {
    throw new StoreError('store/hub-invalid', `${where}: expected a list of files, got ${short(json)}`)
  }
  return json.flatMap((entry) => {
    const { type, path, size, oid, lfs } = (entry ?? {}) as Record<string, unknown>
    if (type !== 'file') return []
    // Large files are kept beside git, which knows only a pointer to them.
    const { oid: sha256, size: lfsSize } = (lfs ?? {}) as Record<string, unknown>
    const sizeBytes = lfsSize ?? size
    const hash = lfs ? { algorithm: 'sha256', hex: sha256 } : { algorithm: 'git-blob', hex: oid }
    const digits = lfs ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/
    const isRight = typeof path === 'string' && Number.isSafeInteger(sizeBytes) && (sizeBytes as number) >= 0
    if (!isRight || typeof hash.hex !== 'string' || !digits.test(hash.hex)) {
      throw new StoreError('store/hub-invalid', `${where}: expected path, size and hash of a file, got ${short(entry)}`)
    }
    return [{ path, sizeBytes, hash } as HubFile]
  })
}

const isDots = (text: string): boolean => /^\.+$/.test(text)

const short = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 200)
