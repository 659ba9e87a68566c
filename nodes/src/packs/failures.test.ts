import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { flow } from '../testing/flow.js'
import { type PackPlace, packPlace, runPackNode } from '../testing/pack.js'
import { openWorkbench } from '../workbench.js'
import type { OpenedPacks } from './open-packs.js'

/** Nodes without inputs that go wrong in one way each; `fine` counts its runs, which a new process begins again. */
const module = `
let runs = 0
const node = (name, run) => ({ type: 'bad/' + name, version: 1, title: name, outputs: { value: { type: 'int' } }, run })
const forever = () => { for (;;); }
export default [
  node('fine', () => ({ value: ++runs })),
  node('throws', () => { throw new Error('boom \\u001b[31m') }),
  node('rejects', async () => { throw 'plain text' }),
  node('nothing', () => ({})),
  node('wrong', () => ({ value: 1.5 })),
  node('exits', () => process.exit(3)),
  node('unhandled', () => { Promise.reject(new Error('nobody listens')); return new Promise(() => {}) }),
  node('loops', forever),
  node('starts-and-loops', ({ progress }) => { progress(1, 2, 'on'); forever() }),
  node('heeds', ({ signal, progress }) => new Promise((_, reject) => {
    progress(0, 1)
    signal.addEventListener('abort', () => reject(new Error('stopped')))
    setInterval(() => {}, 1000)
  })),
  node('hoards', () => { const all = []; for (;;) all.push(new Uint8Array(2 ** 24).fill(1)) }),
  node('hoards-objects', () => { const all = []; for (;;) all.push(new Array(2 ** 17).fill(0)) }),
  { ...node('floods', () => ({ value: 'x'.repeat(2 ** 23) })), outputs: { value: { type: 'text' } } },
  { ...node('prints', () => { for (let i = 0; i < 5000; i++) console.log('line ' + i); return { value: 1 } }) },
]`
const limits = { runMs: 50_000, graceMs: 300, memoryBytes: 300 * 2 ** 20, messageBytes: 2 ** 22 }

let place: PackPlace
let folder: string
let packs: OpenedPacks
beforeAll(async () => {
  place = await packPlace()
  folder = await place.write('bad', module)
  packs = await place.open([folder], limits)
})
afterAll(() => place.remove())

const run = (name: string, options = {}) => runPackNode(packs, `bad/${name}`, options)

describe('a fault of the pack names the pack, and the next run works', () => {
  test.each([
    ['throws', 'nodes/pack-failed', /^pack bad: its node failed: boom \[31m$/],
    ['rejects', 'nodes/pack-failed', /^pack bad: its node failed: plain text$/],
    ['nothing', 'nodes/pack-failed', /^pack bad: its node failed: returned no output "value"$/],
    ['wrong', 'nodes/pack-failed', /^pack bad, bad\/wrong, output value: expected a value of type int, got 1.5$/],
    ['exits', 'nodes/pack-ended', /^pack bad: its process ended \(code 3\)$/],
    ['unhandled', 'nodes/pack-ended', /^pack bad: its process ended \(code 1\); its last lines:[\s\S]*nobody listens/],
    ['floods', 'nodes/pack-failed', /^pack bad: its node failed: expected a message of at most 4194304 bytes, got/],
    ['hoards', 'nodes/pack-too-large', /^pack bad: expected at most 300 MiB of memory, got \d+ MiB$/],
    ['hoards-objects', 'nodes/pack-', /^pack bad: (its process ended|expected at most 300 MiB)/],
  ])('%s', async (name, code, message) => {
    await expect(run(name)).rejects.toMatchObject({
      userFault: true,
      code: expect.stringContaining(code),
      message: expect.stringMatching(message),
    })
    expect(await run('fine')).toEqual({ value: expect.any(Number) })
  })
})

test('a process lives from run to run, and a new one follows its end', async () => {
  const own = await place.open([folder], limits)
  const fine = () => runPackNode(own, 'bad/fine')
  expect([await fine(), await fine()]).toEqual([{ value: 1 }, { value: 2 }])
  await expect(runPackNode(own, 'bad/exits')).rejects.toThrow('its process ended (code 3)')
  expect(await fine()).toEqual({ value: 1 })
})

test('a process without work is ended, and started again', async () => {
  const own = await place.open([folder], { ...limits, idleMs: 50 })
  expect(await runPackNode(own, 'bad/fine')).toEqual({ value: 1 })
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(await runPackNode(own, 'bad/fine')).toEqual({ value: 1 })
})

test('an endless loop is ended after its time', async () => {
  const own = await place.open([folder], { ...limits, runMs: 300 })
  await expect(runPackNode(own, 'bad/loops')).rejects.toMatchObject({
    code: 'nodes/pack-overdue',
    message: 'pack bad: expected to run within 0.3 s, got no answer',
  })
  expect(await runPackNode(own, 'bad/fine')).toEqual({ value: 1 })
})

describe('a cancel', () => {
  const cancelledOnProgress = async (name: string): Promise<{ error: unknown; reason: unknown }> => {
    const cancel = new AbortController()
    const reason = new Error('enough')
    const running = run(name, { signal: cancel.signal, progress: () => cancel.abort(reason) })
    return { reason, error: await Promise.resolve(running).catch((error: unknown) => error) }
  }

  test('ends an endless loop with its process', async () => {
    const { value } = (await run('fine')) as { value: number }
    const { error, reason } = await cancelledOnProgress('starts-and-loops')
    expect(error).toBe(reason)
    expect(value).toBeGreaterThan(0)
    expect(await run('fine')).toEqual({ value: 1 })
  })

  test('is heeded by a node that listens, and its process lives on', async () => {
    const { value } = (await run('fine')) as { value: number }
    const { error, reason } = await cancelledOnProgress('heeds')
    expect(error).toBe(reason)
    expect(await run('fine')).toEqual({ value: value + 1 })
  })

  test('lets a run that waits for another leave at once', async () => {
    const cancel = new AbortController()
    const busy = new AbortController()
    const first = Promise.resolve(run('heeds', { signal: busy.signal })).catch(() => 'stopped')
    const second = run('fine', { signal: cancel.signal })
    cancel.abort(new Error('not needed'))
    await expect(second).rejects.toThrow('not needed')
    busy.abort()
    expect(await first).toBe('stopped')
  })

  test('before the start starts nothing', async () => {
    const reason = new Error('too late')
    await expect(run('fine', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  test('of a flow ends it as cancelled', async () => {
    const bench = await openWorkbench({
      home: join(place.folder, 'home'),
      packs: [folder],
      packLimits: limits,
      cache: 'none',
    })
    const cancel = new AbortController()
    const loops = flow({ nodes: { loop: ['bad/starts-and-loops'] } })
    const onEvent = ({ type }: { type: string }) => type === 'node-progress' && cancel.abort()
    const running = bench.run(loops, { signal: cancel.signal, onEvent })
    await expect(running).rejects.toMatchObject({ code: 'run/cancelled' })
    const failing = bench.run(flow({ nodes: { end: ['bad/exits'] } }))
    await expect(failing).rejects.toMatchObject({
      code: 'run/node-failed',
      message: 'node end (bad/exits): pack bad: its process ended (code 3)',
      cause: { code: 'nodes/pack-ended' },
    })
    await bench.close()
  })
})

describe('a pack that speaks for its host', () => {
  const forging = (bytes: string) => `
    import { writeSync } from 'node:fs'
    const frame = (message) => {
      const head = Buffer.from(JSON.stringify({ message, blobSizes: [] }))
      const prefix = Buffer.alloc(8)
      prefix.writeUInt32LE(head.length)
      return Buffer.concat([prefix, head])
    }
    export default [{ type: 'forger/forge', version: 1, title: 'Forge', outputs: { value: { type: 'int' } },
      run() { writeSync(3, ${bytes}); return new Promise(() => setInterval(() => {}, 1000)) } }]`

  test.each([
    ['rubbish', `Buffer.alloc(64, 120)`, /^pack forger: its answer: expected a message of at most/],
    [
      'no JSON',
      `Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('x')])`,
      /^pack forger: its answer: /,
    ],
    ['an unknown message', `frame({ op: 'obey' })`, /^pack forger: its answer: expected a reply of its host/],
    ['a greeting', `frame({ op: 'ready', nodes: [] })`, /^pack forger, forger\/forge: /],
    ['a result without outputs', `frame({ op: 'result', outputs: [] })`, /output value: expected one value, got 0$/],
    ['blobs that are not there', `frame({ op: 'result', outputs: [['value', [[1, 5]]]] })`, /expected 5 blobs, got 0$/],
    [
      'another type',
      `frame({ op: 'result', outputs: [['value', [['x', 0]]]] })`,
      /expected a value of type int, got "x"$/,
    ],
  ])('%s', async (_, bytes, message) => {
    const own = await place.open([await place.write('forger', forging(bytes))], limits)
    await expect(runPackNode(own, 'forger/forge')).rejects.toMatchObject({
      code: expect.stringMatching(/^nodes\/pack-(failed|too-large)$/),
      message: expect.stringMatching(message),
    })
    await own.close()
  })
})

test('what it is given has a limit too', async () => {
  const eat = `export default [{ type: 'eater/eat', version: 1, title: 'Eat', inputs: { text: { type: 'text' } },
    outputs: { text: { type: 'text' } }, run: ({ inputs }) => inputs }]`
  const own = await place.open([await place.write('eater', eat)], { messageBytes: 2 ** 16 })
  const text = 'x'.repeat(2 ** 17)
  await expect(runPackNode(own, 'eater/eat', { inputs: { text } })).rejects.toMatchObject({
    code: 'nodes/pack-too-large',
  })
  expect(await runPackNode(own, 'eater/eat', { inputs: { text: 'small' } })).toEqual({ text: 'small' })
})

test('what it prints is passed on, and not without end', async () => {
  await run('prints')
  await run('fine')
  const lines = place.log.filter((line) => line.startsWith('pack bad: '))
  expect(lines).toContain('pack bad: line 12')
  expect(lines.length).toBeLessThan(1100)
})

describe('our own end', () => {
  const gone = (pid: number): boolean => {
    try {
      return !process.kill(pid, 0)
    } catch {
      return true
    }
  }
  /** A program that runs a node of a pack and prints the pid of the pack's process; then it does what `rest` says. */
  const program = async (rest: string) => {
    const source = `export default [{ type: 'pid/get', version: 1, title: 'Get', outputs: { pid: { type: 'int' } },
      run: () => ({ pid: process.pid }) }]`
    const dist = new URL('../../dist/', import.meta.url).href
    const code = `
      const { openPacks } = await import('${dist}packs/open-packs.js')
      const packs = await openPacks([${JSON.stringify(await place.write('pid', source))}], { besides: [] })
      const ctx = { signal: new AbortController().signal, progress() {} }
      console.log((await packs.nodes[0].run({ inputs: {}, params: {}, ctx })).pid)
      ${rest}`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const closed = once(child, 'close')
    const [pid] = await once(createInterface(child.stdout), 'line')
    return { child, closed, pid: Number(pid) }
  }

  test.runIf(process.platform !== 'win32')('by kill -9 takes the process of a pack along', async () => {
    const { child, pid } = await program('setInterval(() => {}, 1000)')
    expect(gone(pid)).toBe(false)
    child.kill('SIGKILL')
    await vi.waitUntil(() => gone(pid), { timeout: 10_000 })
  })

  test('is not put off by a pack without work', async () => {
    const { closed, pid } = await program('')
    expect(await closed).toEqual([0, null])
    await vi.waitUntil(() => gone(pid), { timeout: 10_000 })
  })

  test('waits for the packs that it closes', async () => {
    const { closed, pid } = await program('await packs.close(); console.log("closed")')
    expect(await closed).toEqual([0, null])
    expect(gone(pid)).toBe(true)
  })
})

describe('a pack that does not load', () => {
  test.each([
    ['throws', 'throw new Error("no")', 'nodes/pack-invalid', /^pack throws: its module does not load: no$/],
    ['syntax', 'export default [', 'nodes/pack-invalid', /^pack syntax: its module does not load: /],
    ['missing', 'import "./gone.mjs"', 'nodes/pack-invalid', /^pack missing: its module does not load: /],
    ['exits', 'process.exit(5)', 'nodes/pack-ended', /^pack exits: its process ended \(code 5\)$/],
    [
      'waits',
      'await new Promise((r) => setTimeout(r, 1e6))',
      'nodes/pack-overdue',
      /^pack waits: expected to load within 1 s/,
    ],
    ['loops', 'for (;;);', 'nodes/pack-overdue', /^pack loops: expected to load within 1 s, got no answer$/],
    ['cycle', 'const a = []; a.push(a); export default a', 'nodes/pack-invalid', /circular structure/],
  ])('%s', async (name, source, code, message) => {
    const opening = place.open([await place.write(name, source)], {
      startMs: name.match(/waits|loops/) ? 1000 : 20_000,
    })
    await expect(opening).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })
})
