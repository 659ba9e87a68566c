import { describe, expect, it } from 'vitest'
import { catalogue } from '../catalogue.js'
import { check } from '../check/check.js'
import type { Workflow } from '../document/schema.js'
import { execute } from '../execute/execute.js'
import { type Node, nodeDefiner } from '../node.js'
import { p } from '../param.js'
import { sockets } from '../port.js'
import { socketType } from '../socket-type.js'
import { kit, socket, workflow } from '../testing/kit.js'
import type { CacheStore, ResultCache } from './entry.js'
import { memoryCache } from './memory.js'
import { tieredCache } from './tiered.js'

interface World {
  readonly ran: string[]
  readonly files: Record<string, string>
}

const bytesType = socketType<Uint8Array>({
  name: 'bytes',
  title: 'Bytes',
  color: '#000000',
  encode: (value) => ({ json: null, blobs: [value] }),
  decode: ({ blobs: [value] }) => value!,
})
const own = sockets({ bytes: bytesType })
const define = nodeDefiner<World>()
const load = define({
  type: 'io/load',
  version: 1,
  title: 'Load',
  params: { path: p.file({ default: 'a.txt' }) },
  outputs: { bytes: own.bytes() },
  fingerprint: async ({ params, services }) => services.files[params.path] ?? 'absent',
  async run({ params, services }) {
    services.ran.push('load')
    return { bytes: new TextEncoder().encode(services.files[params.path]) }
  },
})
const trim = define({
  type: 'bytes/trim',
  version: 1,
  title: 'Trim',
  inputs: { bytes: own.bytes() },
  params: { sizeBytes: p.int({ default: 2, min: 0 }) },
  outputs: { bytes: own.bytes() },
  async run({ inputs, params, services }) {
    services.ran.push('trim')
    return { bytes: inputs.bytes.slice(0, params.sizeBytes) }
  },
})
const count = define({
  type: 'bytes/count',
  version: 1,
  title: 'Count',
  inputs: { bytes: own.bytes() },
  outputs: { count: socket.int(), box: socket.box() },
  run({ inputs, services }) {
    services.ran.push('count')
    return { count: inputs.bytes.length, box: { label: 'live' } }
  },
})
const nodes = catalogue<World>([...(kit.nodes as readonly Node<World>[]), load, trim, count])
const chain = workflow(
  { file: 'io/load', short: 'bytes/trim', size: 'bytes/count' },
  ['file.bytes -> short.bytes', 'short.bytes -> size.bytes'],
  { name: 'chain' },
)

async function run(document: Workflow, cache: ResultCache, services: World) {
  services.ran.length = 0
  const result = check(document, nodes)
  if (!result.ok) throw new Error(JSON.stringify(result.errors))
  const { nodes: reports } = await execute(result.plan, { services, cache })
  return reports
}

function folder(): CacheStore & { readonly entries: Map<string, { meta: string; blobs: Uint8Array[] }> } {
  const entries = new Map<string, { meta: string; blobs: Uint8Array[] }>()
  return {
    entries,
    async get(key) {
      const entry = entries.get(key)
      return entry && { meta: JSON.parse(entry.meta), blobs: entry.blobs }
    },
    async set(key, { meta, blobs }) {
      expect(key).toMatch(/^[0-9a-f]{64}$/)
      entries.set(key, { meta: JSON.stringify(meta), blobs })
    },
  }
}

const world = (): World => ({ ran: [], files: { 'a.txt': 'hello' } })

describe('cache', () => {
  it('[C1] the same again runs nothing; why says what changed', async () => {
    const [cache, services] = [memoryCache(), world()]
    const first = await run(chain, cache, services)
    expect([...first.values()].map(({ why }) => why)).toEqual([
      ['never ran before'],
      ['never ran before'],
      ['never ran before'],
    ])
    const again = await run(structuredClone(chain), cache, services)
    expect([...again.values()].map(({ status, tier }) => `${status} ${tier}`)).toEqual(Array(3).fill('cached memory'))
    const longer: Workflow = {
      ...chain,
      nodes: { ...chain.nodes, short: { type: 'bytes/trim', params: { sizeBytes: 3 } } },
    }
    const changed = await run(longer, cache, services)
    expect(services.ran).toEqual(['trim', 'count'])
    expect(changed.get('short')?.why).toEqual(['param sizeBytes changed 2 → 3'])
    expect(changed.get('size')?.why).toEqual(['input bytes has new content (from short)'])
  })

  it('[C2] equal content cuts off early: what hangs on it stays cached', async () => {
    const [cache, services] = [memoryCache(), world()]
    await run(chain, cache, services)
    services.files['a.txt'] = 'help'
    const reports = await run(chain, cache, services)
    expect(services.ran).toEqual(['load', 'trim'])
    expect(reports.get('file')?.why).toEqual(['file changed (its fingerprint differs)'])
    expect(reports.get('size')?.status).toBe('cached')
  })

  it('[C3] limits evict the least recently used, and say so', async () => {
    const [cache, services] = [memoryCache({ maxEntries: 2 }), world()]
    await run(chain, cache, services)
    const reports = await run(chain, cache, services)
    expect(reports.get('file')?.why).toEqual([
      'unchanged, but its result is not cached any more (quick ones stay in memory only)',
    ])
    const small = memoryCache({ maxBytes: 3 })
    await run(chain, small, services)
    expect((await run(chain, small, services)).get('file')?.status).toBe('ran')
  })

  it('[C4] a store carries results and explanations to another process', async () => {
    const [store, services] = [folder(), world()]
    await run(chain, tieredCache(memoryCache(), store), services)
    const reports = await run(chain, tieredCache(memoryCache(), store), services)
    expect(services.ran).toEqual(['count']) // a box lives in memory only
    expect(reports.get('file')).toMatchObject({ status: 'cached', tier: 'store' })
    expect(reports.get('size')?.why).toEqual([
      'unchanged, but its result is not cached any more (quick ones stay in memory only)',
    ])
    const shorter: Workflow = {
      ...chain,
      nodes: { ...chain.nodes, short: { type: 'bytes/trim', params: { sizeBytes: 1 } } },
    }
    const changed = await run(shorter, tieredCache(memoryCache(), store), services)
    expect(changed.get('short')?.why).toEqual(['param sizeBytes changed 2 → 1'])
  })

  it('of two runs that end one after the other, the store remembers the later one', async () => {
    const store = folder()
    const waits: (() => void)[] = []
    const slow: CacheStore = {
      ...store,
      async set(key, entry) {
        await new Promise<void>((resolve) => waits.push(resolve))
        await store.set(key, entry)
      },
    }
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    const cache = tieredCache(memoryCache(), slow)
    const recordOf = (fingerprint: string) =>
      new Map([['a', { type: 'io/load', version: 1, params: {}, inputs: [], fingerprint }]])
    const written = [cache.remember('flow', recordOf('old')), cache.remember('flow', recordOf('new'))]
    await turn()
    for (let i = waits.length - 1; i >= 0; i--) waits[i]!() // whoever came last is done first, if it could begin at all
    await turn()
    for (const go of waits) go()
    await Promise.all(written)
    expect(await tieredCache(memoryCache(), store).recall('flow')).toEqual(recordOf('new'))
  })

  it('[C5] a damaged or failing store is a miss, never a failure', async () => {
    const damages: ((entry: { meta: string; blobs: Uint8Array[] }) => void)[] = [
      (entry) => {
        entry.meta = '{"format":1}'
      },
      (entry) => {
        entry.meta = 'not json'
      },
      (entry) => {
        entry.meta = entry.meta.replace('"bytes"', '"pixels"')
      },
      (entry) => {
        entry.blobs.length = 0
      },
      (entry) => {
        entry.blobs.push(new Uint8Array(1))
      },
      (entry) => {
        entry.meta = entry.meta.replaceAll('[', '{').replaceAll(']', '}')
      },
      (entry) => {
        entry.meta = '{"nodes": [["file", {"type": 1}], 3, ["short"]]}'
      },
    ]
    for (const damage of damages) {
      const [store, services] = [folder(), world()]
      await run(chain, tieredCache(memoryCache(), store), services)
      for (const entry of store.entries.values()) damage(entry)
      await run(chain, tieredCache(memoryCache(), store), services)
      expect(services.ran).toEqual(['load', 'trim', 'count'])
    }
    const errors: unknown[] = []
    const refuse = async () => {
      throw new Error('disk full')
    }
    const dead = tieredCache(
      memoryCache(),
      { get: refuse, set: refuse },
      { onStoreError: (error) => errors.push(error) },
    )
    const services = world()
    await run(chain, dead, services)
    expect(services.ran).toEqual(['load', 'trim', 'count'])
    expect(errors.length).toBeGreaterThan(0)
  })

  it('[C6] equal nodes at once compute once, within a run and between runs', async () => {
    const [cache, services] = [memoryCache(), world()]
    const twins = workflow({ a: 'io/load', b: 'io/load' })
    await run(twins, cache, services)
    expect(services.ran).toEqual(['load'])
    const fresh = memoryCache()
    services.ran.length = 0
    const result = check(twins, nodes)
    if (!result.ok) throw new Error('internal: twins')
    await Promise.all([
      execute(result.plan, { services, cache: fresh }),
      execute(result.plan, { services, cache: fresh }),
    ])
    expect(services.ran).toEqual(['load'])
    expect(fresh.running.size).toBe(0)
  })

  it('[C7] a volatile node runs every time, what hangs on it only for new content', async () => {
    const look = define({
      type: 'io/look',
      version: 1,
      title: 'Look',
      volatile: true,
      outputs: { bytes: own.bytes() },
      run: ({ services }) => ({ bytes: new TextEncoder().encode(services.files['a.txt']) }),
    })
    const [cache, services] = [memoryCache(), world()]
    const result = check(
      workflow({ look: 'io/look', size: 'bytes/count' }, ['look.bytes -> size.bytes']),
      catalogue([look, count]),
    )
    if (!result.ok) throw new Error('internal: look')
    await execute(result.plan, { services, cache })
    const again = await execute(result.plan, { services, cache })
    expect(again.nodes.get('look')).toMatchObject({ status: 'ran', why: ['looks at the world, so it always runs'] })
    expect(again.nodes.get('size')?.status).toBe('cached')
    services.files['a.txt'] = 'new'
    const changed = await execute(result.plan, { services, cache })
    expect(changed.nodes.get('size')?.why).toEqual(['input bytes has new content (from look)'])
  })

  it('[C6] who waited for a run that was cancelled runs itself', async () => {
    const cache = memoryCache()
    let started = 0
    const hold = define({
      type: 'io/hold',
      version: 1,
      title: 'Hold',
      outputs: { value: socket.int() },
      run: ({ ctx }) => {
        started++
        if (started > 1) return { value: 2 }
        return new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)))
      },
    })
    const result = check(workflow({ h: 'io/hold' }), catalogue([hold]))
    if (!result.ok) throw new Error('internal: hold')
    const controller = new AbortController()
    const services = world()
    const first = execute(result.plan, { services, cache, signal: controller.signal }).catch((error) => error)
    const second = execute(result.plan, { services, cache })
    controller.abort()
    expect(await first).toMatchObject({ code: 'run/cancelled' })
    expect((await second).value('h', 'value')).toBe(2)
  })
})
