import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { freemem, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { availableMemory } from './available-memory.js'

const gib = 2 ** 30
const top = await mkdtemp(join(tmpdir(), 'runtime-memory-'))
afterAll(() => rm(top, { recursive: true }))

let count = 0

/** A root folder with these files below it. */
async function rootWith(files: Record<string, string | number>): Promise<string> {
  const root = join(top, String(count++))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), `${content}\n`)
  }
  return root
}

const meminfo = `MemTotal:       25165824 kB\nMemFree:         1048576 kB\nMemAvailable:   ${8 * 2 ** 20} kB`

describe('availableMemory', () => {
  it('is something on this machine', () => {
    expect(availableMemory()).toBeGreaterThan(0)
  })

  it('is what the system counts as available', async () => {
    expect(availableMemory(await rootWith({ 'proc/meminfo': meminfo }))).toBe(8 * gib)
  })

  it('falls back to free memory where there is no /proc', async () => {
    expect(availableMemory(await rootWith({}))).toBeLessThan(2 * freemem() + gib)
  })

  it('respects the limit of a control group v2; page cache counts as free', async () => {
    const root = await rootWith({
      'proc/meminfo': meminfo,
      'proc/self/cgroup': '0::/app/job',
      'sys/fs/cgroup/app/job/memory.max': 4 * gib,
      'sys/fs/cgroup/app/job/memory.current': 3 * gib,
      'sys/fs/cgroup/app/job/memory.stat': `anon ${gib}\ninactive_file ${gib}\nactive_file ${gib / 2}`,
    })
    expect(availableMemory(root)).toBe(2.5 * gib)
  })

  it('respects the limit of a parent group', async () => {
    const root = await rootWith({
      'proc/meminfo': meminfo,
      'proc/self/cgroup': '0::/app/job',
      'sys/fs/cgroup/app/memory.max': 2 * gib,
      'sys/fs/cgroup/app/memory.current': gib,
      'sys/fs/cgroup/app/job/memory.max': 'max',
      'sys/fs/cgroup/app/job/memory.current': gib,
    })
    expect(availableMemory(root)).toBe(gib)
  })

  it('respects the limit of a control group v1', async () => {
    const root = await rootWith({
      'proc/meminfo': meminfo,
      'proc/self/cgroup': '5:cpu,cpuacct:/box\n4:memory:/box\n0::/',
      'sys/fs/cgroup/memory/box/memory.limit_in_bytes': 3 * gib,
      'sys/fs/cgroup/memory/box/memory.usage_in_bytes': 2 * gib,
      'sys/fs/cgroup/memory/box/memory.stat': `inactive_file 7\ntotal_inactive_file ${gib / 4}\ntotal_active_file 0`,
    })
    expect(availableMemory(root)).toBe(1.25 * gib)
  })

  it('is never negative', async () => {
    const root = await rootWith({
      'proc/meminfo': meminfo,
      'proc/self/cgroup': '0::/',
      'sys/fs/cgroup/memory.max': gib,
      'sys/fs/cgroup/memory.current': 2 * gib,
    })
    expect(availableMemory(root)).toBe(0)
  })
})
