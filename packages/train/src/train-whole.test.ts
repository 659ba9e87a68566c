import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { input, matmul, mean, mul, reshape, sub } from '@dreamgraph/onnx'
import { openRuntime } from '@dreamgraph/runtime'
import { afterAll, expect, test } from 'vitest'
import { checkpointSteps, writeCheckpoint } from './checkpoint.js'
import { emaOf } from './ema.js'
import { trainWhole, type WholeRun, type WholeStep } from './train-whole.js'
import { allTrainable } from './trainable.js'
import { meanOf, squareOf } from './update.js'

const runtime = await openRuntime({ device: 'cpu', threads: 1 })
const root = await mkdtemp(join(tmpdir(), 'train-whole-'))
afterAll(async () => {
  await runtime.close()
  await rm(root, { recursive: true })
})

/** A straight line through points: y = x·w, with w to become 3. */
function line(name: string, change: Partial<WholeRun> = {}): WholeRun {
  const { parameters, trainables } = allTrainable()
  const made = matmul(input('x', [4, 1]), parameters.weight('w', [1, 1])) // [4, 1]
  const away = sub(made, input('y', [4, 1]))
  const loss = reshape(mean(mul(away, away), { axes: [0, 1] }), { shape: [] })
  return {
    name: 'line',
    trainables,
    initial: new Map([['w', Float32Array.of(1)]]),
    loss,
    reported: { loss },
    feeds(step) {
      const x = Float32Array.from({ length: 4 }, (_, i) => ((step * 7 + i * 3) % 5) - 1.5)
      return {
        x: { dtype: 'float32', shape: [4, 1], data: x },
        y: { dtype: 'float32', shape: [4, 1], data: x.map((value) => 3 * value) },
      }
    },
    optimizer: { betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0 },
    clipNorm: 1,
    emaDecay: 0.9,
    schedule: { peak: 0.05, warmupSteps: 2, decay: 'constant', floor: 0, steps: 8 },
    identity: 'line 1',
    folder: join(root, name),
    checkpointEvery: 3,
    ...change,
  }
}

test('a run lowers its loss, reports each step, and keeps its newest two checkpoints', async () => {
  const seen: WholeStep[] = []
  const { step, state } = await trainWhole(runtime, line('plain', { onStep: (report) => seen.push(report) }))
  expect(seen.map((report) => report.step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(Object.keys(seen[0]!.values).sort()).toEqual(['gradientNorm', 'loss'])
  expect(step).toBe(8)
  expect([...state.keys()]).toEqual(['w', meanOf('w'), squareOf('w'), emaOf('w')])
  const [w, ema] = ['w', emaOf('w')].map((name) => state.get(name)!.data[0]!)
  expect(w).toBeGreaterThan(1.2)
  expect(ema).toBeLessThan(w!) // the mean lags behind
  expect(await checkpointSteps(join(root, 'plain'))).toEqual([6, 8])
})

test('inputs are made once for each step, those of the next before the step is reported', async () => {
  const order: string[] = []
  const { feeds } = line('')
  await trainWhole(
    runtime,
    line('order', {
      schedule: { ...line('').schedule, steps: 3 },
      feeds(step) {
        order.push(`made ${step}`)
        return feeds(step)
      },
      onStep: ({ step }) => order.push(`done ${step}`),
    }),
  )
  expect(order).toEqual(['made 1', 'made 2', 'done 1', 'made 3', 'done 2', 'done 3'])
})

test('stopped between steps and started again ends in the same bytes as an unbroken run, and is not run twice', async () => {
  const whole = await trainWhole(runtime, line('whole'))
  const abort = new AbortController()
  const onStep = ({ step }: WholeStep): unknown => step === 4 && abort.abort(new Error('enough'))
  await expect(trainWhole(runtime, line('halves', { signal: abort.signal, onStep }))).rejects.toMatchObject({
    code: 'train/stopped',
    message: 'line: expected to reach step 8, got stopped after step 4',
  })
  expect(await checkpointSteps(join(root, 'halves'))).toEqual([3, 4])
  expect(await trainWhole(runtime, line('halves'))).toEqual(whole)
  expect(await trainWhole(runtime, line('halves', { onStep: () => expect.unreachable() }))).toEqual(whole)
})

test('a step that is no number stops the run; its newest checkpoint is from before', async () => {
  const { feeds } = line('')
  const spoilt = line('spoilt', {
    feeds: (step) => (step < 5 ? feeds(step) : { ...feeds(step), y: { ...feeds(step).y!, data: infinite } }),
  })
  await expect(trainWhole(runtime, spoilt)).rejects.toMatchObject({
    code: 'train/diverged',
    message: expect.stringContaining('line, step 5: expected finite losses'),
  })
  expect(await checkpointSteps(join(root, 'spoilt'))).toEqual([3])
})

const infinite = new Float32Array(4).fill(Number.POSITIVE_INFINITY)

test('checkpoints of other numbers and of another model are refused by name', async () => {
  await trainWhole(runtime, line('other'))
  await expect(trainWhole(runtime, line('other', { identity: 'line 2' }))).rejects.toMatchObject({
    code: 'train/checkpoint-invalid',
    message: expect.stringContaining('identity line 1 in place of line 2'),
  })
  const state = new Map([['v', { shape: [1], data: Float32Array.of(1) }]])
  await writeCheckpoint(join(root, 'foreign'), { step: 1, identity: 'line 1', state }, 2)
  await expect(trainWhole(runtime, line('foreign'))).rejects.toMatchObject({
    code: 'train/checkpoint-invalid',
    message: expect.stringContaining('expected a checkpoint of this model'),
  })
})
