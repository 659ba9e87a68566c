// A repository of the hub becomes a folder: chosen, checked for space, fetched file by file, all at one commit.
import { access, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { confinedPath } from '../confined-path.js'
import { StoreError } from '../errors.js'
import { makeFolder } from '../temp-file.js'
import { chooseFiles, type SkippedFile } from './choose-files.js'
import { type Hub, type HubFile, type HubListing, hubFileUrl } from './hub.js'
import { readSource, sourceFile, writeSource } from './source.js'
import { partOf, transferFile } from './transfer.js'

export interface DownloadProgress {
  /** The one on its way, as the repository names it. */
  readonly file: string
  /** Bytes of all files that are there and checked, those of earlier tries included. */
  readonly doneBytes: number
  readonly totalBytes: number
}

export interface DownloadOptions {
  readonly hub: Hub
  readonly listing: HubListing
  /** Made as needed. Files of the same names are replaced, others stay. */
  readonly folder: string
  /** Paths, or patterns with `*`. Default: weights, configs and tokenizers. */
  readonly patterns?: readonly string[]
  /** Stops within a second; what has come stays for the next try. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: DownloadProgress) => void
  /** Is told of tries that failed. */
  readonly onLog?: (line: string) => void
  /** Bytes that may be written below a folder. Default: what the file system says. */
  readonly freeBytes?: (folder: string) => Promise<number>
}

export interface DownloadResult {
  readonly commit: string
  readonly files: readonly string[]
  readonly skipped: readonly SkippedFile[]
  readonly sizeBytes: number
}

/**
 * Downloads files of a listing. Called again it goes on: what is there is checked, not fetched; what an earlier revision
 * brought and this one lacks is removed at the end. Throws store/hub-*, store/download-*, store/disk-full,
 * store/path-outside, store/write-failed, the signal's reason.
 */
export async function downloadFiles(options: DownloadOptions): Promise<DownloadResult> {
  const { hub, listing, folder, patterns, signal, onLog, onProgress } = options
  const offered = { ...listing, files: listing.files.filter(({ path }) => path !== sourceFile) }
  const { files: asked, skipped } = chooseFiles(offered, patterns)
  await makeFolder(folder)
  const source = await readSource(folder, listing.repo)
  const outdated = await outdatedFiles(offered.files, source.files, folder)
  // Small files first: a licence that is not accepted shows at once, and what there is soon makes sense.
  const files = [...new Set([...asked, ...outdated])].sort((a, b) => a.sizeBytes - b.sizeBytes)
  const placed = await Promise.all(files.map(async (file) => ({ ...file, target: await targetOf(folder, file) })))
  await refuseFullDisk(folder, placed, options.freeBytes ?? freeBytesOf)

  const note = { repo: listing.repo, commit: listing.commit }
  const coming = Object.fromEntries(files.map(({ path, hash }) => [path, hash.hex]))
  // What has not been replaced yet stays noted as it is, or a stop in between would leave two revisions unnoticed.
  await writeSource(folder, { ...note, files: { ...coming, ...source.files } })
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  let finishedBytes = 0
  for (const { path, target, sizeBytes, hash } of placed) {
    const onBytes = (bytes: number): void => {
      onProgress?.({ file: path, doneBytes: finishedBytes + bytes, totalBytes })
    }
    onBytes(0)
    await transferFile({ hub, url: hubFileUrl(hub, listing, path), target, sizeBytes, hash, signal, onBytes, onLog })
    finishedBytes += sizeBytes
  }
  const offeredPaths = new Set(offered.files.map(({ path }) => path))
  const gone = Object.keys(source.files).filter((path) => !offeredPaths.has(path))
  for (const path of gone) await rm(await confinedPath(folder, path), { force: true })
  const kept = Object.entries({ ...source.files, ...coming }).filter(([path]) => offeredPaths.has(path))
  await writeSource(folder, { ...note, files: Object.fromEntries(kept) })
  return { commit: listing.commit, files: files.map(({ path }) => path), skipped, sizeBytes: totalBytes }
}

/** Files of an earlier revision that are there and have another content now: one folder never mixes revisions. */
async function outdatedFiles(
  files: readonly HubFile[],
  known: Readonly<Record<string, string>>,
  folder: string,
): Promise<HubFile[]> {
  const outdated: HubFile[] = []
  for (const file of files) {
    const isChanged = Object.hasOwn(known, file.path) && known[file.path] !== file.hash.hex
    if (isChanged && (await exists(join(folder, file.path)))) outdated.push(file)
  }
  return outdated
}

/** Where a file of the hub may be written. Its path was written by a stranger. */
async function targetOf(folder: string, { path }: HubFile): Promise<string> {
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    const rule = 'a path of plain names'
    throw new StoreError('store/path-outside', `${folder}: expected ${rule}, got ${JSON.stringify(path)}`)
  }
  return confinedPath(folder, path)
}

async function refuseFullDisk(
  folder: string,
  files: readonly (HubFile & { readonly target: string })[],
  freeBytes: (folder: string) => Promise<number>,
): Promise<void> {
  let needBytes = 0
  for (const file of files) {
    const isThere = (await sizeOf(file.target)) === file.sizeBytes
    if (!isThere) needBytes += Math.max(0, file.sizeBytes - ((await sizeOf(partOf(file))) ?? 0))
  }
  const free = await freeBytes(folder)
  if (needBytes <= free) return
  const gb = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`
  throw new StoreError('store/disk-full', `${folder}: expected ${gb(needBytes)} of free space, got ${gb(free)}`)
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

const sizeOf = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ size }) => size,
    () => undefined,
  )

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
