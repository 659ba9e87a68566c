// One file from the hub to its place: resumed where an earlier try stopped, hashed on its way, renamed only when right.
import type { Hash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { StoreError } from '../errors.js'
import { asWriteFailure, makeFolder, syncFolder } from '../temp-file.js'
import { type FileHash, feedFile, startHash } from './file-hash.js'
import type { Hub } from './hub.js'
import { type Answer, get } from './request.js'
import { PassingFault, withRetries } from './retry.js'

export interface Transfer {
  readonly hub: Hub
  readonly url: string
  /** Absolute path that the file gets. */
  readonly target: string
  readonly sizeBytes: number
  readonly hash: FileHash
  readonly signal?: AbortSignal
  /** Bytes of this file that are there and hashed; falls when something must be fetched anew. */
  readonly onBytes: (doneBytes: number) => void
  readonly onLog?: (line: string) => void
}

/**
 * Where bytes wait until all have come. The name says what they are to become: those of another revision are never
 * continued, and two processes at the same file write the same bytes to the same places.
 */
export const partOf = ({ target, hash }: Pick<Transfer, 'target' | 'hash'>): string =>
  `${target}.${hash.hex.slice(0, 12)}.part`

/**
 * Makes the file, unless it is there with the right content. Stopped or failed, it keeps what has come. Throws
 * store/download-damaged, store/hub-*, store/write-failed, the signal's reason.
 */
export async function transferFile(transfer: Transfer): Promise<void> {
  const { target, url, sizeBytes, signal, onLog } = transfer
  await makeFolder(dirname(target))
  if (await isWhole(transfer)) return
  await removeOtherParts(transfer)
  for (let round = 1; ; round++) {
    const fault = await receive(transfer)
    if (fault === undefined) return
    signal?.throwIfAborted()
    await rm(partOf(transfer), { force: true })
    if (round === 2) {
      const rule = `${sizeBytes} bytes with the hash of the hub's listing`
      throw new StoreError('store/download-damaged', `${url}: expected ${rule}, got ${fault}, twice`)
    }
    onLog?.(`${basename(target)}: ${fault}; thrown away, once more from the start`)
  }
}

/** Whether the file is in its place. It is read, not believed. */
async function isWhole({ target, sizeBytes, hash, signal, onBytes }: Transfer): Promise<boolean> {
  const entry = await stat(target).catch(() => undefined)
  if (!entry?.isFile() || entry.size !== sizeBytes) return false
  const hashing = startHash(hash, sizeBytes)
  await hashed(feedFile(hashing, target, { lengthBytes: sizeBytes, signal, onBytes }), target, signal)
  return hashing.digest('hex') === hash.hex
}

/** Fetches what the part lacks and puts it in its place; what is wrong with it, if anything is. */
async function receive(transfer: Transfer): Promise<string | undefined> {
  const { url, hub, sizeBytes, hash, signal, onLog } = transfer
  const path = partOf(transfer)
  const handle = await asWriteFailure(path, open(path, constants.O_RDWR | constants.O_CREAT))
  try {
    const part = await openPart(handle, transfer)
    let furthest = part.doneBytes
    const fault = await withRetries({ what: url, policy: hub.retry, signal, onLog }, (progressed) => {
      if (part.doneBytes === sizeBytes && sizeBytes > 0) return Promise.resolve(undefined)
      const headers = part.doneBytes > 0 ? { range: `bytes=${part.doneBytes}-` } : undefined
      return get(hub, url, { headers, signal }, (answer) =>
        append(part, answer, transfer, () => {
          if (part.doneBytes <= furthest) return
          furthest = part.doneBytes
          progressed()
        }),
      )
    })
    if (fault !== undefined) return fault
    const got = part.hashing.digest('hex')
    if (got !== hash.hex) return `${hash.algorithm} ${got}`
    await asWriteFailure(path, handle.truncate(sizeBytes))
    await asWriteFailure(path, handle.sync())
  } finally {
    await handle.close()
  }
  return place(transfer)
}

/** Bytes from the start of a file that are written and hashed. */
interface Part {
  readonly handle: FileHandle
  hashing: Hash
  doneBytes: number
}

/** What an earlier try left is hashed before it is gone on from: a power cut may have left holes. */
async function openPart(handle: FileHandle, transfer: Transfer): Promise<Part> {
  const { sizeBytes, hash, signal, onBytes } = transfer
  const path = partOf(transfer)
  const { size } = await handle.stat()
  const doneBytes = size > sizeBytes ? 0 : size
  const hashing = startHash(hash, sizeBytes)
  await hashed(feedFile(hashing, path, { lengthBytes: doneBytes, signal, onBytes }), path, signal)
  return { handle, hashing, doneBytes }
}

/** Writes an answer behind what is there; what is wrong with it, where another try would bring the same. */
async function append(
  part: Part,
  { status, headers, chunks }: Answer,
  { url, sizeBytes, hash, signal, target, onBytes }: Transfer,
  onProgress: () => void,
): Promise<string | undefined> {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '')
  if (status !== 206 || Number(range?.[1]) !== part.doneBytes) {
    // Ranges are not known there, or the part ends where the file does not go on: from the start.
    part.doneBytes = 0
    part.hashing = startHash(hash, sizeBytes)
    if (status !== 200) throw new PassingFault(`no bytes from the asked place on (status ${status})`)
  }
  const promised = status === 206 ? range![2] : headers.get('content-length')
  if (promised && promised !== '*' && Number(promised) !== sizeBytes) return `${promised} bytes`
  for await (const chunk of chunks) {
    if (part.doneBytes + chunk.byteLength > sizeBytes) return `more than ${sizeBytes} bytes`
    const written = writeAt(part, chunk, target)
    part.hashing.update(chunk) // while the disk is at work
    await written
    part.doneBytes += chunk.byteLength
    onProgress()
    onBytes(part.doneBytes)
    signal?.throwIfAborted()
  }
  if (part.doneBytes < sizeBytes) {
    throw new PassingFault(`an end after ${part.doneBytes} of ${sizeBytes} bytes from ${new URL(url).host}`)
  }
  return undefined
}

/** One call may write less than asked. */
async function writeAt({ handle, doneBytes }: Part, chunk: Uint8Array, target: string): Promise<void> {
  for (let done = 0; done < chunk.byteLength; ) {
    const work = handle.write(chunk, done, chunk.byteLength - done, doneBytes + done)
    done += (await asWriteFailure(target, work)).bytesWritten
  }
}

async function place(transfer: Transfer): Promise<string | undefined> {
  const { target } = transfer
  try {
    await rename(partOf(transfer), target)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') await asWriteFailure(target, Promise.reject(cause))
    // Another process that was at the same file has placed it, or thrown it away.
    return (await isWhole(transfer)) ? undefined : 'a part that was taken away'
  }
  await syncFolder(dirname(target))
  return undefined
}

/** Parts of what the file was to become at other revisions. */
async function removeOtherParts(transfer: Transfer): Promise<void> {
  const { target } = transfer
  const folder = dirname(target)
  const start = `${basename(target)}.`
  for (const name of await readdir(folder).catch(() => [])) {
    const isPart = name.startsWith(start) && /^[0-9a-f]{12}\.part$/.test(name.slice(start.length))
    if (isPart && join(folder, name) !== partOf(transfer)) await rm(join(folder, name), { force: true })
  }
}

async function hashed(work: Promise<void>, path: string, signal: AbortSignal | undefined): Promise<void> {
  try {
    await work
  } catch (cause) {
    signal?.throwIfAborted()
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new StoreError('store/file-unreadable', `${path}: expected to read what has come so far, got ${reason}`, {
      cause,
    })
  }
}
