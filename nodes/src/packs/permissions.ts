// What a pack's process may do, as options of Node: read what is named here, and nothing else. It may not write, start
// processes or threads, or load native code.
import { NodesError } from '../errors.js'

/** The options for a process that may read these files, and folders that end in `/`. Throws nodes/packs-unavailable. */
export function permissionOptions(readable: readonly string[]): string[] {
  const flag = ['--permission', '--experimental-permission'].find((name) =>
    process.allowedNodeEnvironmentFlags.has(name),
  )
  if (!flag) {
    const rule = 'a Node with a permission model'
    throw new NodesError('nodes/packs-unavailable', `packs: expected ${rule}, got ${process.version}`)
  }
  return [flag, ...readable.map((path) => `--allow-fs-read=${/[\\/]$/.test(path) ? `${path}*` : path}`)]
}
