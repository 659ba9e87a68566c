// Files that are either the old or the new one, never torn, whenever the process or the machine dies.
import { type FileHandle, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
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

/**
 * Replaces `path` with `data` in one step; missing folders are made, a symlink keeps pointing where it does, an existing
 * file keeps its mode. Throws StoreError `store/write-failed`, after which the old file is still there.
 */
export async function writeFileAtomic(
  path: string,
  data: Uint8Array | string,
  options: AtomicWriteOptions = {},
): Promise<void> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  await writeAtomic(path, (sink) => sink.write(bytes), options)
}

/** The same for files too large for memory: `produce` writes chunk after chunk. If it throws, `path` is untouched. */
export async function writeAtomic<T>(
  path: string,
  produce: (sink: AtomicSink) => Promise<T>,
  options: AtomicWriteOptions = {},
): Promise<T> {
  const target = await realpath(path).catch(() => resolve(path))
  const temp = tempNameFor(target)
  let handle: FileHandle | undefined
  try {
    await prepareFolder(dirname(target))
    const mode = (await stat(target).catch(() => undefined))?.mode
    handle = await asWriteFailure(target, open(temp, 'wx'))
    // Before any content is in it. Some volumes know no modes: that is no reason not to save.
    if (mode !== undefined) await handle.chmod(mode & 0o777).catch(() => {})
    const result = await produce(sinkOf(handle, target))
    const isDurable = options.survives !== 'process-crash'
    if (isDurable) await asWriteFailure(target, handle.sync())
    await handle.close()
    handle = undefined
    await asWriteFailure(target, rename(temp, target))
    if (isDurable) await syncFolder(dirname(target))
    return result
  } catch (error) {
    await handle?.close().catch(() => {})
    await rm(temp, { force: true }).catch(() => {})
    throw error
  }
}

const preparedFolders = new Set<string>()

/** Makes the folder, and once per process clears what dead writers left in it. */
async function prepareFolder(folder: string): Promise<void> {
  await asWriteFailure(folder, mkdir(folder, { recursive: true }))
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
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}

async function asWriteFailure<T>(target: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new StoreError('store/write-failed', `${target}: expected to write the file, got ${reason}`, { cause })
  }
}
