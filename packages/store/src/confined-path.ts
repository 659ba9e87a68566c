// Paths from documents and requests, kept inside the folder that they are meant for.
import { lstat, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { StoreError } from './errors.js'

/**
 * Absolute path of `userPath` inside `root`, which must exist; the file itself need not.
 * Throws StoreError `store/path-outside` for `..` that leaves, absolute paths, NUL, drive letters, backslashes (a saved
 * path must mean the same on every system) and symlinks that lead out or nowhere.
 * The answer holds at the time of asking: whoever can swap symlinks inside `root` can still race it.
 */
export async function confinedPath(root: string, userPath: string): Promise<string> {
  const refuse = (rule: string, cause?: unknown): never => {
    throw new StoreError('store/path-outside', `${root}: expected ${rule}, got ${JSON.stringify(userPath)}`, { cause })
  }
  if (userPath === '' || userPath.includes('\0')) refuse('a path of at least one character and no NUL')
  if (userPath.includes('\\')) refuse('a path with / between folders')
  if (isAbsolute(userPath) || userPath.startsWith('/') || /^[a-z]:/i.test(userPath)) refuse('a relative path')

  const realRoot = await realpath(root).catch((cause) => {
    throw new StoreError('store/file-unreadable', `${root}: expected a folder, got ${cause.code}`, { cause })
  })
  const wanted = resolve(realRoot, userPath)
  if (!isInside(realRoot, wanted)) refuse('a path inside the folder')

  const existing = await deepestExisting(wanted)
  const real = await realpath(existing).catch((cause) => refuse('a path without dangling symlinks', cause))
  if (!isInside(realRoot, real)) refuse('a path whose symlinks stay inside the folder')
  return join(real, relative(existing, wanted))
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return !isAbsolute(way) && way.split(sep)[0] !== '..'
}

/** The path itself or its nearest ancestor that is there, be it as a symlink to nowhere. */
async function deepestExisting(path: string): Promise<string> {
  const entry = await lstat(path).catch(() => undefined)
  return entry || dirname(path) === path ? path : deepestExisting(dirname(path))
}
