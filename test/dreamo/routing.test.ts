// Where references respond, on a small model: the maps of the graph against queries and keys multiplied out by hand, and
// that nobody pays for maps that nobody reads.
import { createHash } from 'node:crypto'
import {
  type DenoiseRequest,
  type DenoiseStep,
  denoise,
  type EncodedReference,
  type EncodedText,
  encodeText,
  gaussianNoise,
  headsProbe,
  type Model,
  type Probe,
  parametersOf,
  Sessions,
  tokenGrid,
  transformer,
} from '@dreamgraph/dreamo'
import { concat, constantInt64, emit, gather, graph, input, type Tensor } from '@dreamgraph/onnx'
import type { Session, TensorData } from '@dreamgraph/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { largestDifference, openSmallModel, referenceIn, type SmallModel } from './small-model.js'

const grid = tokenGrid({ width: 48, height: 32 })
const imageTokens = grid.rows * grid.columns
const noise = gaussianNoise(imageTokens * 64, { seed: 1n, stream: 'latent', index: 0 })
const textTokens = 16

let small: SmallModel
let text: EncodedText
let references: EncodedReference[]
beforeAll(async () => {
  small = await openSmallModel()
  text = await encodeText(small.dreamo, 'a fox [ref#2] and a hen [ref#5]', { maxTokens: textTokens })
  references = [await referenceIn(small.dreamo, 5), await referenceIn(small.dreamo, 2)]
})
afterAll(() => small.close())

/** Keeps what graphs were asked for, and what they were fed. */
class Recording extends Sessions {
  readonly opened: { name: string; outputs: string[]; digest: string }[] = []
  feeds: Record<string, TensorData> = {}

  override async of(...[name, outputs, options]: Parameters<Sessions['of']>): Promise<Session> {
    this.opened.push({ name, outputs: Object.keys(outputs), digest: digestOf(name, outputs) })
    const session = await super.of(name, outputs, options)
    const run: Session['run'] = (feeds, runOptions) => {
      this.feeds = feeds
      return session.run(feeds, runOptions)
    }
    return { run } as Session
  }
}

const digestOf = (name: string, outputs: Readonly<Record<string, Tensor>>): string =>
  createHash('sha256')
    .update(emit(graph(name, outputs)))
    .digest('hex')

interface Painted {
  readonly latents: Float32Array
  readonly steps: DenoiseStep[]
  readonly sessions: Recording
}

async function paint(change: Partial<DenoiseRequest> = {}): Promise<Painted> {
  const sessions = new Recording(small.runtime)
  const steps: DenoiseStep[] = []
  const model: Model = { ...small.dreamo, sessions }
  const request = { noise, grid, text, references, steps: 2, guidance: 4, ...change }
  const latents = await denoise(model, { ...request, onStep: (step) => void steps.push(step) })
  return { latents, steps, sessions }
}

/** The transformer under the shapes of these feeds, as it is without anybody looking. */
function rebuild(feeds: Record<string, TensorData>, probe?: Probe): Tensor {
  const { config, weights } = small.dreamo.transformer
  const of = (name: string): Tensor => input(name, feeds[name].shape)
  const counts = [imageTokens, 6, 6] // references of 32×48 pixels
  const segmentOf = counts.flatMap((count, segment) => new Array<number>(count).fill(segment))
  return transformer(
    parametersOf(weights, { adapters: small.dreamo.adapters }),
    config,
    {
      latents: concat([of('latents'), of('references')], { axis: 1 }),
      text: of('text'),
      pooled: of('pooled'),
      timestep: of('timestep'),
      guidance: of('guidance'),
      rows: gather(of('segments'), constantInt64(segmentOf)),
      rotary: { cos: of('cos'), sin: of('sin') },
    },
    { keepTokens: imageTokens, probe },
  )
}

test('maps are the means of q·kᵀ/√d over heads and the tokens of a reference, for each layer', async () => {
  const { steps, sessions } = await paint({ steps: 1, wantsResponses: () => true })
  const responses = steps[0].responses!
  expect(responses).toMatchObject({ layers: 5, slots: [2, 5], grid })
  const { probe, layers } = headsProbe()
  rebuild(sessions.feeds, probe)
  const outputs = Object.fromEntries(layers().flatMap(({ q, k }, i) => [[`q${i}`, q] as const, [`k${i}`, k] as const]))
  const heads = await (await new Sessions(small.runtime).of('heads', outputs)).run(sessions.feeds)

  const { numHeads, headDim } = small.dreamo.transformer.config
  const sequence = textTokens + imageTokens + 12
  const want: number[] = []
  for (let layer = 0; layer < 5; layer++) {
    const [q, k] = [heads[`q${layer}`].data as Float32Array, heads[`k${layer}`].data as Float32Array]
    for (const start of [textTokens + imageTokens, textTokens + imageTokens + 6]) {
      for (let token = textTokens; token < textTokens + imageTokens; token++) {
        let sum = 0
        for (let head = 0; head < numHeads; head++) {
          for (let query = start; query < start + 6; query++) {
            for (let d = 0; d < headDim; d++) {
              sum += q[(head * sequence + query) * headDim + d] * k[(head * sequence + token) * headDim + d]
            }
          }
        }
        want.push(sum / Math.sqrt(headDim) / numHeads / 6)
      }
    }
  }
  expect(Math.max(...want.map(Math.abs))).toBeGreaterThan(0.01)
  expect(largestDifference(responses.data, want)).toBeLessThan(1e-5)
})

test('where nobody looks the graph is what it would be without maps', async () => {
  const { sessions, steps } = await paint()
  const velocity = rebuild(sessions.feeds)
  const name = `transformer, ${imageTokens}+6+6 tokens`
  expect(sessions.opened).toEqual([{ name, outputs: ['velocity'], digest: digestOf(name, { velocity }) }])
  expect((await paint({ wantsResponses: () => false })).sessions.opened).toEqual(sessions.opened)
  expect(steps.every(({ responses }) => responses === undefined)).toBe(true)
})

test('looking changes no byte, and may begin and end in the middle of a run', async () => {
  const { latents } = await paint({ steps: 4 })
  expect((await paint({ steps: 4, wantsResponses: () => true })).latents).toEqual(latents)
  const answers = [false, true, false, true]
  const { steps, sessions, latents: looked } = await paint({ steps: 4, wantsResponses: () => answers.shift()! })
  expect(looked).toEqual(latents)
  expect(steps.map(({ responses }) => responses !== undefined)).toEqual([false, true, false, true])
  expect(sessions.opened.map(({ outputs }) => outputs)).toEqual([['velocity'], ['velocity', 'responses']])
})

test('without references there is nothing to look at', async () => {
  const { steps, sessions } = await paint({ references: [], wantsResponses: () => true })
  expect(steps.every(({ responses }) => responses === undefined)).toBe(true)
  expect(sessions.opened.map(({ outputs }) => outputs)).toEqual([['velocity']])
})
