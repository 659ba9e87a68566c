// The sampler on a small model: what its settings do, and what it refuses. Numbers are the golden cases' matter.
import {
  type DenoiseRequest,
  type DenoiseStep,
  denoise,
  type EncodedText,
  encodeText,
  gaussianNoise,
  type Model,
  openModel,
  tokenGrid,
  velocityField,
} from '@dreamgraph/dreamo'
import { openRuntime } from '@dreamgraph/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { largestDifference, openSmallModel, referenceIn, type SmallModel, slopingPicture } from './small-model.js'

const grid = tokenGrid({ width: 48, height: 32 })
const noise = gaussianNoise(grid.rows * grid.columns * 64, { seed: 1n, stream: 'latent', index: 0 })

let small: SmallModel
let text: EncodedText
let other: EncodedText
beforeAll(async () => {
  small = await openSmallModel()
  text = await encodeText(small.dreamo, 'a fox as [ref#1]', { maxTokens: 16 })
  other = await encodeText(small.dreamo, 'a blurred photo', { maxTokens: 16 })
})
afterAll(() => small.close())

const paint = (model: Model, change: Partial<DenoiseRequest> = {}): Promise<Float32Array> =>
  denoise(model, { noise, grid, text, references: [], steps: 2, guidance: 4, ...change })
const negative = (change = {}) => ({ negative: other, scale: 3, startStep: 0, endStep: 9, guidance: 3.5, ...change })

describe('every setting reaches the picture', () => {
  test('text, guidance, first step, steps, noise, references, negative prompt', async () => {
    const reference = await referenceIn(small.dreamo, 1)
    const plain = await paint(small.dreamo)
    const changes: Partial<DenoiseRequest>[] = [
      { text: other },
      { guidance: 2 },
      { firstStepGuidance: 1 },
      { steps: 3 },
      { noise: noise.toReversed() },
      { references: [reference] },
      { references: [{ ...reference, slot: 2 }] },
      { trueCfg: negative() },
      { trueCfg: negative({ scale: 5 }) },
      { trueCfg: negative({ guidance: 1 }) },
      { trueCfg: negative({ startStep: 1 }) },
    ]
    const painted = [plain, ...(await Promise.all(changes.map((change) => paint(small.dreamo, change))))]
    expect(plain.every(Number.isFinite)).toBe(true)
    const different = new Set(painted.map((latents) => Buffer.from(latents.buffer).toString('base64')))
    expect(different.size).toBe(painted.length)
  })

  test('from a later step on it is the rest of the way, to the byte', async () => {
    const seen: Float32Array[] = []
    const all = { steps: 3, trueCfg: negative() }
    const whole = await paint(small.dreamo, { ...all, onStep: ({ latents }) => seen.push(latents.slice()) })
    const steps: number[] = []
    const onStep = ({ step }: DenoiseStep) => steps.push(step)
    expect(await paint(small.dreamo, { ...all, noise: seen[0]!, fromStep: 1, onStep })).toEqual(whole)
    expect(steps).toEqual([2, 3])
    expect(await paint(small.dreamo, { ...all, noise: whole, fromStep: 3 })).toEqual(whole)
    for (const fromStep of [-1, 0.5, 4, Number.NaN]) {
      await expect(paint(small.dreamo, { ...all, fromStep })).rejects.toMatchObject({
        code: 'dreamo/sampling-invalid',
        message: expect.stringContaining(`from 0 to 3, the number of steps, got ${fromStep}`),
      })
    }
  })

  test('the order in which references are given does not matter, their slots do', async () => {
    const [one, two] = [await referenceIn(small.dreamo, 1), await referenceIn(small.dreamo, 2)]
    const ordered = await paint(small.dreamo, { references: [one, two] })
    expect(await paint(small.dreamo, { references: [two, one] })).toEqual(ordered)
    const swapped = [
      { ...one, slot: 2 },
      { ...two, slot: 1 },
    ]
    expect(largestDifference(await paint(small.dreamo, { references: swapped }), ordered)).toBeGreaterThan(1e-4)
  })

  test('what a task takes from its picture is settled before: the sampler does not see it', async () => {
    const reference = await referenceIn(small.dreamo, 1)
    const style = { ...reference, task: 'style' as const }
    expect(await paint(small.dreamo, { references: [style] })).toEqual(
      await paint(small.dreamo, { references: [reference] }),
    )
  })

  test('DreamO gives the image a row of its own, with references or not', async () => {
    const withoutRows = { ...small.dreamo, embeddings: undefined }
    expect(largestDifference(await paint(withoutRows), await paint(small.dreamo))).toBeGreaterThan(1e-4)
  })
})

describe('true CFG', () => {
  test('does nothing at scale 1, nor outside its steps', async () => {
    const plain = await paint(small.dreamo)
    expect(await paint(small.dreamo, { trueCfg: negative({ scale: 1 }) })).toEqual(plain)
    expect(await paint(small.dreamo, { trueCfg: negative({ startStep: 2 }) })).toEqual(plain)
    expect(await paint(small.dreamo, { trueCfg: negative({ endStep: 0 }) })).toEqual(plain)
  })

  test('runs the negative branch from start to end', async () => {
    const steps: DenoiseStep[] = []
    await paint(small.dreamo, {
      steps: 4,
      trueCfg: negative({ startStep: 1, endStep: 3 }),
      onStep: (step) => steps.push(step),
    })
    expect(steps.map(({ negativeVelocity }) => negativeVelocity !== undefined)).toEqual([false, true, true, false])
  })
})

test.each([1, 2, 5])(
  'with %i threads the branches run one after the other or side by side: the same bytes',
  async (threads) => {
    const runtime = await openRuntime({ device: 'cpu', threads })
    try {
      const model = await openModel(small.base.files, runtime)
      expect(await paint(model, { trueCfg: negative() })).toEqual(await paint(small.base, { trueCfg: negative() }))
      const aside = runtime
        .aside()
        ?.status()
        .sessions.map(({ name }) => name)
      expect(aside).toEqual(threads === 1 ? undefined : ['transformer, 6 tokens'])
    } finally {
      await runtime.close()
    }
  },
)

test('each branch is to the byte what it is by itself, whether both run side by side or not; in plain FLUX too', async () => {
  for (const model of [small.dreamo, small.base]) {
    const steps: DenoiseStep[] = []
    await paint(model, { trueCfg: negative({ endStep: 1 }), onStep: (step) => steps.push(step) })
    const apart = await velocitiesApart(model)
    expect(steps[0].velocity).toEqual(apart.velocity)
    expect(steps[0].negativeVelocity).toEqual(apart.negativeVelocity)
    expect(steps[1].negativeVelocity).toBeUndefined()
  }
  async function velocitiesApart(model: Model) {
    const point = { latents: noise, sigma: 1 }
    const at = { grid, references: [], hasRows: true }
    const { velocity } = await velocityField(model, { ...at, text })({ ...point, guidance: 4 })
    const alone = velocityField(model, { ...at, text: other, hasRows: false })
    return { velocity, negativeVelocity: (await alone({ ...point, guidance: 3.5 })).velocity }
  }
})

test('each step is reported, the last one with the result', async () => {
  const steps: DenoiseStep[] = []
  const latents = await paint(small.dreamo, { steps: 3, onStep: (step) => steps.push(step) })
  expect(steps.map(({ step, steps: of }) => `${step}/${of}`)).toEqual(['1/3', '2/3', '3/3'])
  expect(steps.map(({ sigma }) => sigma)).toEqual(steps.map(({ sigma }) => sigma).toSorted((a, b) => b - a))
  expect(steps[2].sigma).toBe(0)
  expect(steps[2].latents).toEqual(latents)
})

test('a second picture of the same size opens nothing, one of another size does', async () => {
  const open = () => small.runtime.status().sessions.length
  await paint(small.dreamo)
  const before = open()
  await paint(small.dreamo, { text: other, guidance: 1, steps: 3 })
  expect(open()).toBe(before)
  const wide = tokenGrid({ width: 80, height: 32 })
  const wideNoise = gaussianNoise(wide.rows * wide.columns * 64, { seed: 1n, stream: 'latent', index: 0 })
  await paint(small.dreamo, { grid: wide, noise: wideNoise })
  expect(open()).toBe(before + 1)
})

test('an abort between steps ends the run', async () => {
  const controller = new AbortController()
  let done = 0
  const run = paint(small.dreamo, {
    steps: 50,
    signal: controller.signal,
    onStep() {
      done++
      if (done === 2) controller.abort()
    },
  })
  await expect(run).rejects.toMatchObject({ code: 'runtime/cancelled' })
  expect(done).toBe(2)
  expect((await paint(small.dreamo)).every(Number.isFinite)).toBe(true) // and the next one works
})

describe('what cannot be painted is refused', () => {
  const refused = (code: string) => ({ name: 'DreamoError', code: `dreamo/${code}`, userFault: true })

  test('references for plain FLUX', async () => {
    const reference = await referenceIn(small.base, 1)
    await expect(paint(small.base, { references: [reference] })).rejects.toMatchObject(refused('embeddings-missing'))
  })

  test.each([0, -1, 1.5, Number.NaN])('%d steps', async (steps) => {
    await expect(paint(small.base, { steps })).rejects.toMatchObject(refused('steps-invalid'))
  })

  test.each([
    ['guidance', { guidance: Number.NaN }],
    ['first step guidance', { firstStepGuidance: Number.POSITIVE_INFINITY }],
  ])('%s that is no number', async (name, change) => {
    const attempt = paint(small.base, change)
    await expect(attempt).rejects.toMatchObject(refused('sampling-invalid'))
    await expect(attempt).rejects.toThrow(`${name}: expected a finite number`)
  })

  test('true CFG with numbers that are none', async () => {
    for (const change of [{ scale: Number.NaN }, { guidance: Number.NEGATIVE_INFINITY }]) {
      await expect(paint(small.base, { trueCfg: negative(change) })).rejects.toMatchObject(refused('sampling-invalid'))
    }
  })

  test.each([
    ['a slot twice', [1, 1], 'reference-slot-taken'],
    ['slot 0', [0], 'reference-slot-invalid'],
    ['slot 10', [10], 'reference-slot-invalid'],
  ])('%s', async (_, slots, code) => {
    const reference = await referenceIn(small.dreamo, 1)
    const references = slots.map((slot) => ({ ...reference, slot }))
    await expect(paint(small.dreamo, { references })).rejects.toMatchObject(refused(code))
  })

  test('noise of another size is our own bug', async () => {
    await expect(paint(small.base, { noise: noise.subarray(1) })).rejects.toThrow(
      /^internal: noise: expected 384 values, got 383/,
    )
  })
})

describe('together', () => {
  const noises = [1n, 2n, 3n].map((seed) => gaussianNoise(noise.length, { seed, stream: 'latent', index: 0 }))

  test('latents, velocities and responses are those of each alone, to the byte, other texts and references included', async () => {
    const [one, two] = [
      await referenceIn(small.dreamo, 1),
      await referenceIn(small.dreamo, 1, { kind: 'mode' }, slopingPicture(32, 48, 90)),
    ]
    const requests = noises.map(
      (each, i): Partial<DenoiseRequest> => ({
        noise: each,
        text: i === 1 ? other : text,
        references: [i === 2 ? two : one],
        trueCfg: negative(),
        wantsResponses: () => i === 1,
      }),
    )
    const paintWatched = async (request: Partial<DenoiseRequest>) => {
      const steps: DenoiseStep[] = []
      const latents = await paint(small.dreamo, { ...request, onStep: (step) => steps.push(step) })
      return { latents, steps }
    }
    const alone = []
    for (const request of requests) alone.push(await paintWatched(request))
    const isShared = ({ name }: { readonly name: string }) => name.startsWith('transformer, 2 times')
    expect(small.runtime.status().sessions.some(isShared)).toBe(false)
    const together = await Promise.all(requests.map((request) => paintWatched({ ...request, together: true })))
    expect(together).toEqual(alone)
    expect(together[1].steps.every(({ responses }) => responses)).toBe(true)
    expect(small.runtime.status().sessions.some(isShared)).toBe(true)
  })

  test('those who are guided in some of their steps do not wait for negative branches of others', async () => {
    const windows = [{ trueCfg: negative({ endStep: 1 }) }, { trueCfg: negative({ startStep: 1 }) }, {}]
    const requests = windows.map((window, i): Partial<DenoiseRequest> => ({ ...window, noise: noises[i], steps: 3 }))
    const alone = []
    for (const request of requests) alone.push(await paint(small.dreamo, request))
    const together = requests.map((request) => paint(small.dreamo, { ...request, together: true }))
    expect(await Promise.all(together)).toEqual(alone)
  })

  test('one that fails or is cancelled on its way leaves the others whole', async () => {
    const alone = await paint(small.dreamo, { noise: noises[0] })
    const cancel = new AbortController()
    const ends = await Promise.allSettled([
      paint(small.dreamo, { noise: noises[0], together: true }),
      paint(small.dreamo, {
        ...{ noise: noises[1], together: true },
        onStep() {
          throw new RangeError('enough')
        },
      }),
      paint(small.dreamo, {
        ...{ noise: noises[2], together: true, signal: cancel.signal },
        onStep: () => cancel.abort(new Error('stop')),
      }),
    ])
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(ends[0]).toMatchObject({ value: alone })
  })

  test('who would gain nothing goes one after the other, so that a stop finds whole pictures', async () => {
    const told: string[] = []
    const one = (name: string, each: Float32Array) =>
      paint(small.dreamo, {
        ...{ noise: each, together: true, firstBlockCache: 0.2 },
        onStep: ({ step }) => told.push(`${name}${step}`),
      })
    await Promise.all([one('a', noises[0]), one('b', noises[1])])
    expect(told).toEqual(['a1', 'a2', 'b1', 'b2'])
  })

  test('pictures of other sizes, other steps, and with the first-block cache do not hold each other up', async () => {
    const wide = tokenGrid({ width: 64, height: 32 })
    const requests: Partial<DenoiseRequest>[] = [
      { noise: noises[0] },
      { noise: noises[1], steps: 5 },
      { noise: gaussianNoise(wide.rows * wide.columns * 64, { seed: 4n, stream: 'latent', index: 0 }), grid: wide },
      { noise: noises[2], firstBlockCache: 0.2, steps: 3 },
    ]
    const alone = []
    for (const request of requests) alone.push(await paint(small.dreamo, request))
    expect(await Promise.all(requests.map((request) => paint(small.dreamo, { ...request, together: true })))).toEqual(
      alone,
    )
  })
})
