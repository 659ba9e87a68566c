import { add, constant, input, mul } from '@dreamgraph/onnx'
import { openRuntime, type Runtime, type TensorData } from '@dreamgraph/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Sessions } from './sessions.js'

let runtime: Runtime
beforeAll(async () => {
  runtime = await openRuntime({ device: 'cpu' })
})
afterAll(() => runtime.close())

const times = (factor: number, length = 2) => ({ y: mul(input('x', [length]), constant(factor)) })
const x: TensorData = { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) }

test('equal graphs share a session, others do not', async () => {
  const sessions = new Sessions(runtime)
  const first = await sessions.of('twice', times(2))
  expect(await sessions.of('twice', times(2))).toBe(first)
  expect(await sessions.of('twice', times(3))).not.toBe(first)
  expect(await sessions.of('twice', times(2, 3))).not.toBe(first)
  expect(await sessions.of('twice', { y: add(input('x', [2]), constant(2)) })).not.toBe(first)
  expect([...(await first.run({ x })).y.data]).toEqual([2, 4])
  await sessions.release()
})

test('after a release sessions are opened anew', async () => {
  const sessions = new Sessions(runtime)
  const first = await sessions.of('twice', times(2))
  await first.run({ x })
  expect(runtime.status().sessions.map(({ name }) => name)).toEqual(['twice'])
  await sessions.release()
  expect(runtime.status().sessions).toEqual([])
  const second = await sessions.of('twice', times(2))
  expect(second).not.toBe(first)
  await expect(first.run({ x })).rejects.toMatchObject({ code: 'runtime/closed' })
  expect([...(await second.run({ x })).y.data]).toEqual([2, 4])
  await sessions.release()
})

test('a graph is built once for its owner and key, and again when that failed', async () => {
  const sessions = new Sessions(runtime)
  const owner = {}
  let count = 0
  const build = () => {
    count++
    return sessions.of('twice', times(2))
  }
  const first = await sessions.built(owner, 'a', build)
  expect(await sessions.built(owner, 'a', build)).toBe(first)
  expect(count).toBe(1)
  await sessions.built(owner, 'b', build)
  await sessions.built({}, 'a', build)
  expect(count).toBe(3)
  await expect(sessions.built(owner, 'c', () => Promise.reject(new RangeError('too bright')))).rejects.toThrow('bright')
  expect(await sessions.built(owner, 'c', build)).toBe(first)
  await sessions.release()
  expect(await sessions.built(owner, 'a', build)).not.toBe(first)
  await sessions.release()
})
