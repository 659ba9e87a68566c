// A folder to download into, a hub to download from, and how the two are compared.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type DownloadOptions,
  type DownloadResult,
  downloadFiles,
  type Hub,
  type HubQuery,
  listHubFiles,
  openHub,
} from '@dreamgraph/store'
import { commitOf, type HubContent, type LocalHub, openLocalHub, sha256 } from './hub.js'

export interface DownloadPlace {
  readonly local: LocalHub
  readonly folder: string
  readonly hub: Hub
  readonly log: string[]
  download(options?: Partial<DownloadOptions> & Partial<HubQuery>): Promise<DownloadResult>
  /** Path → SHA-256 of every file in the folder but our own note. */
  files(): Promise<Record<string, string>>
}

/** Waits as they are in life would make tests slow. */
export const fastRetry = { tries: 4, firstDelayMs: 5, maxDelayMs: 20, maxRetryAfterMs: 2000 }

/** Lends a place; files of a single commit may be given as they are. */
export async function inPlace(
  content: Partial<HubContent> & { readonly files?: Readonly<Record<string, Uint8Array>> },
  work: (place: DownloadPlace) => Promise<void>,
  options: { readonly token?: string; readonly stallMs?: number } = {},
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'download-'))
  const {
    files: only,
    commits = { [commitOf('a')]: only ?? {} },
    branches = { main: commitOf('a') },
    ...rest
  } = content
  const local = await openLocalHub({ commits, branches, ...rest })
  const hub = openHub({ url: local.url, token: '', retry: fastRetry, ...options })
  const folder = join(root, 'model')
  const log: string[] = []
  try {
    await work({
      local,
      folder,
      hub,
      log,
      async download({ repo = 'owner/model', revision, ...more } = {}) {
        const onLog = (line: string) => void log.push(line)
        const listing = await listHubFiles(hub, { repo, revision, signal: more.signal, onLog })
        return downloadFiles({ hub, listing, folder, onLog, ...more })
      },
      files: () => filesIn(folder),
    })
  } finally {
    await local.close()
    await rm(root, { recursive: true, force: true })
  }
}

/** What `files` says of a folder that holds these. */
export const holding = (files: Readonly<Record<string, Uint8Array>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, sha256(bytes)]))

async function filesIn(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const read = async (path: string) => [path.slice(folder.length + 1), sha256(await readFile(path))] as const
  const files = await Promise.all(paths.map(read))
  return Object.fromEntries(files.filter(([path]) => path !== '.dreamgraph-source.json').sort())
}
