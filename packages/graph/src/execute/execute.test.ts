import { describe, expect, it } from 'vitest'
import { memoryCache } from '../cache/memory.js'
import { catalogue } from '../catalogue.js'
import { check } from '../check/check.js'
import type { Workflow } from '../document/schema.js'
import { defineNode } from '../node.js'
import { define, Gates, named, planOf, saved, services, statuses, turn } from '../testing/gates.js'
import { link, one, socket, workflow } from '../testing/kit.js'
import type { ExecutionEvent } from './events.js'
import { execute } from './execute.js'
import { NodeFailed, RunCancelled } from './failure.js'

describe('execute', () => {
  it('[E1] runs what declared outputs and effects need, and nothing else', async () => {
    saved.length = 0
    const outputs = { result: { type: 'int', from: { node: 'two', socket: 'value' } } }
    const document = workflow(
      { one, two: 'math/add', keep: 'io/save', lone: one },
      ['one.value -> two.a', 'one.value -> keep.value'],
      { outputs },
    )
    const result = await execute(planOf(document), { services })
    expect(result.outputs).toEqual({ result: 1 })
    expect(statuses(result.nodes)).toEqual({ one: 'ran', lone: 'not-needed', two: 'ran', keep: 'ran' })
    expect(saved).toEqual([1])
  })

  it('[E1] without outputs and effects the last nodes are targets; chosen nodes run alone', async () => {
    const plan = planOf(
      workflow({ one, two: 'math/add', three: 'math/add' }, ['one.value -> two.a', 'two.value -> three.a']),
    )
    const all = await execute(plan, { services })
    expect(all.value('three', 'value')).toBe(1)
    const part = await execute(plan, { services, targets: ['two'] })
    expect(statuses(part.nodes)).toEqual({ one: 'ran', two: 'ran', three: 'not-needed' })
    expect(part.value('two', 'value')).toBe(1)
    await expect(execute(plan, { services, targets: ['tow'] })).rejects.toMatchObject({
      code: 'run/unknown-target',
      message: expect.stringContaining('did you mean "two"?'),
    })
  })

  it('[E2] a list maps a node, lists zip, a list of one goes with any, many flattens', async () => {
    const document = workflow({ r: 'list/range', one, a: 'math/add', s: 'math/sum', t: 'list/total' }, [
      'r.items -> a.a',
      'r.items -> a.b',
      'a.value -> t.items',
      link('a.value -> s.items', 1),
      link('one.value -> s.items', 0),
    ])
    const events: ExecutionEvent[] = []
    const result = await execute(planOf(document), {
      services,
      targets: ['a', 's', 't'],
      onEvent: (event) => events.push(event),
    })
    expect(result.value('a', 'value')).toEqual([0, 2, 4])
    expect(result.value('s', 'value')).toBe(7)
    expect(result.value('t', 'value')).toBe(6)
    expect(result.nodes.get('a')?.items).toEqual({ count: 3, ran: 3 })
    expect(events.filter(({ type }) => type === 'item-finished')).toHaveLength(3)
    const inputs = {
      x: { type: 'list<int>', to: [{ node: 'a', socket: 'a' }] },
      y: { type: 'list<int>', to: [{ node: 'a', param: 'amount' }] },
    }
    const plan = planOf(workflow({ a: 'math/add' }, [], { inputs }), { x: [1, 2, 3], y: [10] })
    expect((await execute(plan, { services })).value('a', 'value')).toEqual([11, 12, 13])
    const uneven = workflow({ r: 'list/range', q: { type: 'list/range', params: { count: 2 } }, a: 'math/add' }, [
      'r.items -> a.a',
      'q.items -> a.b',
    ])
    await expect(execute(planOf(uneven), { services })).rejects.toMatchObject({
      node: 'a',
      cause: { code: 'run/list-lengths' },
    })
  })

  it('[E2] one new item runs alone', async () => {
    const cache = memoryCache()
    const at = (count: number) =>
      planOf(workflow({ r: { type: 'list/range', params: { count } }, a: 'math/add' }, ['r.items -> a.a']))
    await execute(at(3), { services, cache })
    const { nodes: reports } = await execute(at(4), { services, cache })
    expect(reports.get('a')).toMatchObject({
      status: 'ran',
      items: { count: 4, ran: 1 },
      why: ['input a has new content (from r)'],
    })
  })

  it('[E3] a linked param obeys its rule; conversions that fail name the types', async () => {
    const wide = workflow({ c: { type: 'math/constant', params: { value: 5 } }, r: 'list/range' }, [
      'c.value -> r.count',
    ])
    expect((await execute(planOf(wide), { services })).value('r', 'items')).toEqual([0, 1, 2, 3, 4])
    const negative = (to: string) =>
      workflow(
        {
          c: { type: 'math/constant', params: { value: -1 } },
          r: 'list/range',
          s: { type: 'text/spell', params: { note: '' } },
        },
        [`c.value -> ${to}`, 'c.value -> s.value'],
      )
    await expect(execute(planOf(negative('r.count')), { services })).rejects.toMatchObject({
      node: 'r',
      cause: { code: 'run/param-value' },
    })
    await expect(execute(planOf(negative('s.seed')), { services })).rejects.toMatchObject({
      node: 's',
      cause: { code: 'run/conversion' },
    })
  })

  it('[E4] branches run side by side within the limit of their class', async () => {
    const gates = new Gates()
    const ids = ['a', 'b', 'c', 'd']
    const plan = planOf(workflow(Object.fromEntries(ids.map((id) => [id, named('gate/io', id)]))))
    const running = execute(plan, { services: gates, limits: { io: 2 } })
    for (const id of ids) await gates.open(id)
    await running
    expect(gates.entered).toEqual(ids)
    expect(gates.mostRunning).toBe(2)
    const one = new Gates()
    const alone = execute(planOf(workflow({ a: named('gate/gpu', 'a'), b: named('gate/gpu', 'b') })), { services: one })
    for (const id of ['a', 'b']) await one.open(id)
    await alone
    expect(one.mostRunning).toBe(1)
  })

  it('[E5] cancel: queued nodes never start, running ones are told and waited for', async () => {
    const gates = new Gates()
    const controller = new AbortController()
    const plan = planOf(
      workflow({ a: named('gate/gpu', 'a'), b: named('gate/gpu', 'b'), c: 'math/add' }, ['a.value -> c.a']),
    )
    const running = execute(plan, { services: gates, signal: controller.signal })
    while (gates.running === 0) await turn()
    controller.abort(new Error('enough'))
    const error = await running.catch((thrown) => thrown)
    expect(error).toBeInstanceOf(RunCancelled)
    expect(error).toMatchObject({ code: 'run/cancelled', userFault: true, cause: { message: 'enough' } })
    expect(statuses(error.reports)).toEqual({ a: 'cancelled', b: 'cancelled', c: 'cancelled' })
    expect(gates).toMatchObject({ running: 0, entered: ['a'] })
    const late = execute(plan, { services: gates, signal: controller.signal })
    await expect(late).rejects.toBeInstanceOf(RunCancelled)
    expect(gates.entered).toEqual(['a'])
  })

  it('[E6] a failing node stops the others; cause, node and reports are kept', async () => {
    const gates = new Gates()
    const plan = planOf(
      workflow({ ok: one, slow: named('gate/io', 'slow'), bad: 'bad/throw', after: 'math/add' }, [
        'ok.value -> bad.a',
        'bad.value -> after.a',
      ]),
    )
    const error = await execute(plan, { services: gates }).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(NodeFailed)
    expect(error).toMatchObject({ code: 'run/node-failed', node: 'bad', nodeType: 'bad/throw' })
    expect(error.message).toBe('node bad (bad/throw): too bright')
    expect(error.cause).toBeInstanceOf(RangeError)
    expect(statuses(error.reports)).toEqual({ ok: 'ran', slow: 'cancelled', bad: 'failed', after: 'cancelled' })
    expect(gates.running).toBe(0)
    const items = workflow({ r: 'list/range', bad: 'bad/throw' }, ['r.items -> bad.a'])
    await expect(execute(planOf(items), { services })).rejects.toMatchObject({ node: 'bad', item: 0 })
  })

  it('[E7] events come in order, numbered without gaps', async () => {
    const events: ExecutionEvent[] = []
    const plan = planOf(workflow({ one, t: 'ui/talk' }, ['one.value -> t.a']))
    const cache = memoryCache()
    await execute(plan, { services, cache, onEvent: (event) => events.push(event) })
    expect(events.map(({ type }) => type)).toEqual([
      'run-started',
      'node-started',
      'node-finished',
      'node-started',
      'node-progress',
      'node-preview',
      'node-finished',
      'run-finished',
    ])
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(events[4]).toMatchObject({ node: 't', done: 1, total: 2, label: 'half' })
    events.length = 0
    await execute(plan, { services, cache, onEvent: (event) => events.push(event) })
    expect(events.map(({ type }) => type)).toEqual(['run-started', 'node-cached', 'node-cached', 'run-finished'])
    const deaf = new Error('listener broke')
    const failing = execute(plan, {
      services,
      onEvent: () => {
        throw deaf
      },
    })
    await expect(failing).rejects.toBe(deaf)
  })

  it('[E8] a lazy input evaluates only what is asked for, even with one slot', async () => {
    const document = (which: boolean) =>
      workflow(
        { one, two: 'math/add', bad: 'bad/throw', pick: { type: 'flow/switch', params: { which } }, end: 'math/add' },
        ['one.value -> two.a', 'two.value -> pick.yes', 'bad.value -> pick.no', 'pick.value -> end.a'],
      )
    const limits = { cpu: 1, gpu: 1, io: 1 }
    const result = await execute(planOf(document(true)), { services, limits })
    expect(result.value('end', 'value')).toBe(1)
    expect(statuses(result.nodes)).toMatchObject({ bad: 'not-needed', two: 'ran', pick: 'ran' })
    await expect(execute(planOf(document(false)), { services, limits })).rejects.toMatchObject({ node: 'bad' })
  })

  it('[E9] muted and bypassed nodes are reported with their reason', async () => {
    const outputs = {
      x: { type: 'int', from: { node: 'end', socket: 'value' } },
      y: { type: 'int', from: { node: 'off', socket: 'value' } },
    }
    const document = workflow(
      {
        one,
        by: { type: 'math/add', mode: 'bypass', params: { amount: 5 } },
        end: 'math/add',
        off: { type: 'math/add', mode: 'mute' },
        needs: 'math/add',
      },
      ['one.value -> by.a', 'by.value -> end.a', 'one.value -> off.a', 'off.value -> needs.a'],
      { outputs },
    )
    const result = await execute(planOf(document), { services })
    expect(result.outputs).toEqual({ x: 1 })
    expect(result.missing).toEqual({ y: 'muted: off' })
    expect(statuses(result.nodes)).toMatchObject({ by: 'bypassed', off: 'muted', needs: 'muted', end: 'ran' })
    expect(result.nodes.get('needs')?.why).toEqual(['needs off'])
  })

  it('[E10] a node that forgets an output is our own bug', async () => {
    const forgetful = defineNode({
      type: 'bad/forget',
      version: 1,
      title: '',
      outputs: { value: socket.int() },
      run: () => ({}) as { value: number },
    })
    const result = check(workflow({ f: 'bad/forget' }), catalogue([forgetful]))
    const failing = result.ok ? execute(result.plan, { services: undefined }) : undefined
    await expect(failing).rejects.toMatchObject({
      cause: { message: 'internal: bad/forget returned nothing as output "value"' },
    })
  })

  it('[E2] an empty list maps to empty lists', async () => {
    const none = { type: 'list/range', params: { count: 0 } }
    const document = workflow({ r: none, a: 'math/add', t: 'list/total', s: 'math/sum' }, [
      'r.items -> a.a',
      'a.value -> t.items',
      'a.value -> s.items',
    ])
    const result = await execute(planOf(document), { services, targets: ['a', 't', 's'] })
    expect(['a', 't', 's'].map((id) => result.value(id, 'value'))).toEqual([[], 0, 0])
    expect(result.nodes.get('a')).toMatchObject({ status: 'ran', items: { count: 0, ran: 0 } })
  })

  it('[K6] components nest, map, mute, and are targets by their id', async () => {
    const border = (node: string) => ({
      inputs: { a: { type: 'int', to: [{ node, socket: 'a' }] } },
      outputs: { value: { type: 'int', from: { node, socket: 'value' } } },
    })
    const components = {
      inner: { ...border('add'), nodes: { add: { type: 'math/add', params: { amount: 1 } } } },
      outer: { ...border('deep'), nodes: { deep: { type: 'component/inner' } } },
    }
    const links = ['r.items -> use.a', 'use.value -> t.items']
    const document = workflow({ r: 'list/range', use: 'component/outer', t: 'list/total' }, links, { components })
    const result = await execute(planOf(document), { services })
    expect(result.value('t', 'value')).toBe(6)
    expect([...result.nodes.keys()]).toEqual(['r', 'use/deep/add', 't'])
    const part = await execute(planOf(document), { services, targets: ['use'] })
    expect(part.value('use/deep/add', 'value')).toEqual([1, 2, 3])
    const off: Workflow = { ...document, nodes: { ...document.nodes, use: { type: 'component/outer', mode: 'mute' } } }
    const muted = await execute(planOf(off), { services })
    expect(statuses(muted.nodes)).toMatchObject({ 'use/deep/add': 'muted', t: 'muted' })
  })

  it('[E9] two bypassed nodes in a row pass on what came first', async () => {
    const by = { type: 'math/add', mode: 'bypass' as const }
    const document = workflow({ one, b1: by, b2: by, end: 'math/add' }, [
      'one.value -> b1.a',
      'b1.value -> b2.a',
      'b2.value -> end.a',
    ])
    expect((await execute(planOf(document), { services })).value('end', 'value')).toBe(1)
  })

  it('[E7] durations come from the given clock, and late talk is not heard', async () => {
    let timeMs = 0
    let late: (() => void) | undefined
    const chatty = define({
      type: 'ui/chatty',
      version: 1,
      title: 'Chatty',
      outputs: { value: socket.int() },
      run({ ctx }) {
        timeMs += 7
        late = () => ctx.progress(2, 2)
        return { value: 1 }
      },
    })
    const result = check(workflow({ c: 'ui/chatty' }), catalogue([chatty]))
    const events: ExecutionEvent[] = []
    if (!result.ok) throw new Error('internal: chatty')
    const onEvent = (event: ExecutionEvent) => events.push(event)
    const { nodes: reports } = await execute(result.plan, { services, now: () => timeMs, onEvent })
    expect(reports.get('c')?.durationMs).toBe(7)
    late!()
    expect(events.at(-1)).toMatchObject({ type: 'run-finished', outcome: 'done' })
  })
})
