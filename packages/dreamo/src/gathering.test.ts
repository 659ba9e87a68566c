import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { Gathering } from './gathering.js'

/** Doubles numbers and notes who was computed together. */
function doubling() {
  const passes: number[][] = []
  const compute = async (items: readonly number[]): Promise<number[]> => {
    passes.push([...items])
    await turn()
    return items.map((item) => 2 * item)
  }
  const work = (item: number, given: { key?: string; most?: number; signal?: AbortSignal } = {}) => ({
    ...{ key: 'same', most: 8, item, compute, ...given },
  })
  return { passes, work }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('members meet in one pass, and each gets its own result', async () => {
  const { passes, work } = doubling()
  const gathering = new Gathering()
  for (let i = 0; i < 4; i++) gathering.join()
  const results = await Promise.all([1, 2, 3, 4].map((item) => gathering.do(work(item))))
  expect(results).toEqual([2, 4, 6, 8])
  expect(passes).toEqual([[1, 2, 3, 4]])
})

test('a pass waits for every member, and for nobody who has left', async () => {
  const { passes, work } = doubling()
  const gathering = new Gathering()
  gathering.join()
  const leave = gathering.join()
  const first = gathering.do(work(1))
  await turn()
  expect(passes).toEqual([])
  leave()
  expect(await first).toBe(2)
})

test('who is no member waits for nobody', async () => {
  const { work } = doubling()
  expect(await new Gathering().do(work(3))).toBe(6)
})

test('passes hold powers of two, at most as many as the work allows', async () => {
  const { passes, work } = doubling()
  const gathering = new Gathering()
  for (let i = 0; i < 7; i++) gathering.join()
  await Promise.all([1, 2, 3, 4, 5, 6, 7].map((item) => gathering.do(work(item, { most: 5 }))))
  expect(passes).toEqual([[1, 2, 3, 4], [5, 6], [7]])
  await Promise.all([1, 2, 3, 4, 5, 6, 7].map((item) => gathering.do(work(item, { most: 0 }))))
  expect(passes.slice(3)).toEqual([1, 2, 3, 4, 5, 6, 7].map((item) => [item]))
})

test('other keys go in other passes; the key that most wait for comes first, so those behind catch up', async () => {
  const { passes, work } = doubling()
  const gathering = new Gathering()
  for (let i = 0; i < 3; i++) gathering.join()
  const twice = async (item: number, keys: readonly [string, string]): Promise<number> =>
    gathering.do(work(await gathering.do(work(item, { key: keys[0] })), { key: keys[1] }))
  const ahead = gathering.do(work(1, { key: 'b' })) // the others are at a, and meet it at b
  await Promise.all([ahead, ...[2, 3].map((item) => twice(item, ['a', 'b']))])
  expect(passes).toEqual([[2, 3], [1, 4], [6]])
})

test('an abort takes one out, and the others go on without it', async () => {
  const { passes, work } = doubling()
  const gathering = new Gathering()
  const [leave] = [gathering.join(), gathering.join()]
  const abort = new AbortController()
  const first = gathering.do(work(1, { signal: abort.signal }))
  abort.abort(new Error('enough'))
  await expect(first).rejects.toThrow('enough')
  leave()
  expect(await gathering.do(work(2))).toBe(4)
  expect(passes).toEqual([[2]])
})

test('a pass is given up when all in it are, and only then', async () => {
  const gathering = new Gathering()
  const controllers = [new AbortController(), new AbortController()]
  let seen: AbortSignal | undefined
  const compute = async (items: readonly number[], signal?: AbortSignal) => {
    seen = signal
    await turn()
    await turn()
    return items
  }
  for (const _ of controllers) gathering.join()
  const both = controllers.map(({ signal }, item) => gathering.do({ key: '', most: 8, item, signal, compute }))
  const ends = Promise.allSettled(both)
  await Promise.resolve()
  controllers[0]!.abort(new Error('first'))
  expect(seen!.aborted).toBe(false)
  controllers[1]!.abort(new Error('second'))
  expect(seen!.aborted).toBe(true)
  expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

test('a fault is that of all in the pass; the next pass is another one', async () => {
  const gathering = new Gathering()
  for (let i = 0; i < 2; i++) gathering.join()
  let isBroken = true
  const compute = async (items: readonly number[]) => {
    if (isBroken) throw new RangeError('too bright')
    return items
  }
  const all = () => Promise.allSettled([1, 2].map((item) => gathering.do({ key: '', most: 8, item, compute })))
  expect((await all()).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  isBroken = false
  expect(await all()).toEqual([1, 2].map((value) => ({ status: 'fulfilled', value })))
})

test('a grace lets those meet who come one after the other', async () => {
  const { passes, work } = doubling()
  const gathering = new Gathering()
  gathering.join(50)
  const first = gathering.do(work(1))
  await turn()
  gathering.join(50)
  const second = gathering.do(work(2))
  expect(await Promise.all([first, second])).toEqual([2, 4])
  expect(passes).toEqual([[1, 2]])
})

test('passes leave no listener behind at the signals of a run', async () => {
  const { work } = doubling()
  const gathering = new Gathering()
  const aborts = [new AbortController(), new AbortController()]
  for (const _ of aborts) gathering.join()
  for (let pass = 0; pass < 3; pass++) {
    await Promise.all(aborts.map(({ signal }, i) => gathering.do(work(i, { signal }))))
  }
  expect(aborts.map(({ signal }) => getEventListeners(signal, 'abort').length)).toEqual([0, 0])
})

test('a list as long as one likes shares the signal of its run without a warning', async () => {
  const warnings: Error[] = []
  const warned = (warning: Error): void => void warnings.push(warning)
  process.on('warning', warned)
  const { work } = doubling()
  const gathering = new Gathering()
  const { signal } = new AbortController()
  await Promise.all(Array.from({ length: 16 }, (_, item) => gathering.do(work(item, { signal }))))
  await turn() // warnings are emitted on the next one
  process.off('warning', warned)
  expect(warnings).toEqual([])
})
