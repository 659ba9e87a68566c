import { expect, test } from 'vitest'
import type { Workflow } from '../document/schema.js'
import { Gates, named, planOf, turn } from '../testing/gates.js'
import { workflow } from '../testing/kit.js'
import { execute } from './execute.js'
import { NodeFailed, RunCancelled } from './failure.js'

/** `count` items of a node that takes three at once, and whatever else. */
const mapped = (count: number, others: Parameters<typeof workflow>[0] = {}): Workflow =>
  workflow({ r: { type: 'list/range', params: { count } }, items: 'gate/together', ...others }, ['r.items -> items.a'])

const until = async (holds: () => boolean): Promise<void> => {
  for (let i = 0; i < 100 && !holds(); i++) await turn()
  expect(holds()).toBe(true)
}

test('as many items as the node takes run at once in one slot; the next one starts when one ends', async () => {
  const gates = new Gates()
  const running = execute(planOf(mapped(5)), { services: gates })
  await until(() => gates.running === 3)
  await gates.open('item 1')
  await until(() => gates.entered.length === 4)
  expect(gates.entered).toEqual(['item 0', 'item 1', 'item 2', 'item 3'])
  for (const item of [0, 2, 3, 4]) await gates.open(`item ${item}`)
  expect((await running).value('items', 'value')).toEqual([0, 1, 2, 3, 4])
  expect(gates.mostRunning).toBe(3)
})

test('who waits for the slot gets it as soon as the items in it have ended', async () => {
  const gates = new Gates()
  const running = execute(planOf(mapped(5, { other: named('gate/gpu', 'other') })), { services: gates })
  await until(() => gates.entered.length > 0)
  const first = gates.entered[0]
  if (first === 'other') await gates.open('other')
  await until(() => gates.running === 3)
  for (const item of [0, 1, 2]) await gates.open(`item ${item}`)
  if (first !== 'other') {
    await until(() => gates.entered.includes('other'))
    expect(gates.running).toBe(1)
    await gates.open('other')
  }
  for (const item of [3, 4]) await gates.open(`item ${item}`)
  await running
  expect(gates.entered).toHaveLength(6)
})

test('two nodes that each take several share one slot in turn', async () => {
  const gates = new Gates()
  const document = workflow(
    {
      r: { type: 'list/range', params: { count: 4 } },
      s: { type: 'list/range', params: { count: 4 } },
      items: 'gate/together',
      more: 'gate/gpu',
    },
    ['r.items -> items.a', 's.items -> more.a'],
  )
  const running = execute(planOf(document), { services: gates })
  let isDone = false
  void running.then(() => {
    isDone = true
  })
  while (!isDone) {
    for (const name of gates.entered) await gates.open(name)
    await turn()
  }
  expect(gates.mostRunning).toBe(3)
  expect(gates.entered).toHaveLength(8)
})

test('a cancel and a failure end all items, those in line included', async () => {
  const gates = new Gates()
  const controller = new AbortController()
  const running = execute(planOf(mapped(6)), { services: gates, signal: controller.signal })
  await until(() => gates.running === 3)
  controller.abort(new Error('enough'))
  await expect(running).rejects.toBeInstanceOf(RunCancelled)
  expect(gates).toMatchObject({ running: 0, entered: ['item 0', 'item 1', 'item 2'] })

  const others = new Gates()
  const failing = execute(planOf(mapped(6, { bad: 'bad/throw' })), { services: others })
  await expect(failing).rejects.toBeInstanceOf(NodeFailed)
  expect(others.running).toBe(0)
})
