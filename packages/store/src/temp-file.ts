// The way every file gets written here: whole, under a temporary name beside its place, and only then put there.
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StoreError } from './errors.js'
import { removeStaleTemps, tempNameFor } from './temp-name.js'

export interface AtomicWriteOptions {
  /**
   * What the file must survive. `power-loss` (default) flushes file and folder to the medium before returning.
   * `process-crash` leaves that to the operating system: for files whose readers check them and can do without.
   */
  readonly survives?: 'power-loss' | 'process-crash'
}

/** Takes the bytes of a file in order. */
export interface AtomicSink {
  write(chunk: Uint8Array): Promise<void>
}

export interface TempFileWork<T> extends AtomicWriteOptions {
  /** Permissions to give the file before any content is in it. Default: those of the process. */
  readonly mode?: number
  readonly produce: (sink: AtomicSink) => Promise<T>
  /** Puts the finished file in its place, by rename or link. */
  readonly place: (temp: string) => Promise<void>
}

/** Writes a temporary file for `target` and has it placed. Whatever fails, no temporary file stays. */
export async function throughTempFile<T>(target: string, work: TempFileWork<T>): Promise<T> {
  const temp = tempNameFor(target)
  const isDurable = work.survives !== 'process-crash'
  let handle: FileHandle | undefined
  try {
    await prepareFolder(dirname(target))
    handle = await asWriteFailure(target, open(temp, 'wx'))
    // Some volumes know no modes: that is no reason not to save.
    if (work.mode !== undefined) await handle.chmod(work.mode & 0o777).catch(() => {})
    const result = await work.produce(sinkOf(handle, target))
    if (isDurable) await asWriteFailure(target, handle.sync())
    await handle.close()
    handle = undefined
    await asWriteFailure(target, work.place(temp))
    if (isDurable) await syncFolder(dirname(target))
    return result
  } catch (error) {
    await handle?.close().catch(() => {})
    await rm(temp, { force: true }).catch(() => {})
    throw error
  }
}

/** Makes a folder and those above it. Throws StoreError `store/write-failed`, also where a file is in the way. */
export async function makeFolder(folder: string): Promise<void> {
  await asWriteFailure(folder, mkdir(folder, { recursive: true }), 'to make the folder')
}

const preparedFolders = new Set<string>()

/** Makes the folder, and once per process clears what dead writers left in it. */
async function prepareFolder(folder: string): Promise<void> {
  await makeFolder(folder)
  if (preparedFolders.has(folder)) return
  preparedFolders.add(folder)
  await removeStaleTemps(folder)
}

function sinkOf(handle: FileHandle, target: string): AtomicSink {
  return {
    async write(chunk) {
      // One call may write less than asked, and never more than 2^31 - 1 bytes.
      for (let done = 0; done < chunk.byteLength; ) {
        const length = Math.min(chunk.byteLength - done, 1 << 30)
        done += (await asWriteFailure(target, handle.write(chunk, done, length))).bytesWritten
      }
    },
  }
}

/** A rename is durable only once the folder that holds the name is. Windows cannot open folders and needs no flush. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}

/** Throws store/write-failed in place of what the file system says. */
export async function asWriteFailure<T>(target: string, work: Promise<T>, rule = 'to write the file'): Promise<T> {
  try {
    return await work
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new StoreError('store/write-failed', `${target}: expected ${rule}, got ${reason}`, { cause })
  }
}
