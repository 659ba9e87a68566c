// Files that are either the old or the new one, never torn, whenever the process or the machine dies.
import { access, link, realpath, rename, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type AtomicSink, type AtomicWriteOptions, throughTempFile } from './temp-file.js'

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
  const mode = (await stat(target).catch(() => undefined))?.mode
  return throughTempFile(target, { ...options, mode, produce, place: (temp) => rename(temp, target) })
}

/**
 * Writes a file in one step unless the name is taken; false says that it was, and then that file is untouched. Of many
 * writers at once, one gets the name. Throws StoreError `store/write-failed`.
 */
export async function writeFileNew(path: string, data: Uint8Array, options: AtomicWriteOptions = {}): Promise<boolean> {
  let isPlaced = false
  await throughTempFile(resolve(path), {
    ...options,
    produce: (sink) => sink.write(data),
    async place(temp) {
      isPlaced = await moveUnlessTaken(temp, path)
    },
  })
  return isPlaced
}

/** A hard link fails where the name is taken, in one step; file systems without links fall back to looking first. */
async function moveUnlessTaken(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    await rm(from)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return removed(from)
  }
  const isTaken = await access(to).then(
    () => true,
    () => false,
  )
  if (isTaken) return removed(from)
  await rename(from, to)
  return true
}

async function removed(file: string): Promise<false> {
  await rm(file)
  return false
}
