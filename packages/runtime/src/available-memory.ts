/** How much memory this process may still take: what the system has left, or less where a control group says so. */

import { readFileSync } from 'node:fs'
import { freemem } from 'node:os'
import { dirname, join } from 'node:path'

/** Bytes that can be allocated without swapping or an out-of-memory kill. `root` replaces "/" in tests. */
export function availableMemory(root = '/'): number {
  return Math.min(systemMemory(root), ...controlGroupRooms(root))
}

/** MemAvailable counts page cache that the kernel can drop, which os.freemem() does not on every Node. */
function systemMemory(root: string): number {
  const line = /^MemAvailable:\s+(\d+) kB$/m.exec(read(join(root, 'proc/meminfo')) ?? '')
  return line ? Number(line[1]) * 1024 : freemem()
}

/** Room under each limit from our own group up to the root. Lines of /proc/self/cgroup: `id:controllers:path`. */
function controlGroupRooms(root: string): number[] {
  const rooms: number[] = []
  for (const line of (read(join(root, 'proc/self/cgroup')) ?? '').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) continue
    const version = controllers === '' ? v2 : controllers.split(',').includes('memory') ? v1 : undefined
    if (!version) continue
    const top = join(root, version.mount)
    for (let group = join(top, path); group.startsWith(top); group = dirname(group)) {
      const room = roomIn(group, version)
      if (room !== undefined) rooms.push(room)
    }
  }
  return rooms
}

interface Version {
  readonly mount: string
  readonly limit: string
  readonly usage: string
  /** Fields of memory.stat that are page cache: used, yet free for the taking. */
  readonly cache: readonly string[]
}

const v1: Version = {
  mount: 'sys/fs/cgroup/memory',
  limit: 'memory.limit_in_bytes',
  usage: 'memory.usage_in_bytes',
  cache: ['total_active_file', 'total_inactive_file'],
}

const v2: Version = {
  mount: 'sys/fs/cgroup',
  limit: 'memory.max',
  usage: 'memory.current',
  cache: ['active_file', 'inactive_file'],
}

function roomIn(group: string, version: Version): number | undefined {
  const limit = Number(read(join(group, version.limit))?.trim() || Number.NaN) // "max" is no limit
  const usage = Number(read(join(group, version.usage))?.trim() || Number.NaN)
  if (Number.isNaN(limit) || Number.isNaN(usage)) return undefined
  const stat = read(join(group, 'memory.stat')) ?? ''
  const cache = version.cache.reduce((sum, field) => sum + statField(stat, field), 0)
  return Math.max(0, limit - usage + cache)
}

function statField(stat: string, field: string): number {
  return Number(new RegExp(`^${field} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0)
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // not Linux, or this controller is not mounted
  }
}
