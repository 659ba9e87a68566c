import {
  decodePicture,
  type EncodedReference,
  type EncodedText,
  gaussianNoise,
  type Latent,
  type RgbImage,
} from '@dreamgraph/dreamo'
import type { Preview } from '@dreamgraph/graph'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoadedModel } from '../model-shelf.js'
import { pattern } from '../testing/pictures.js'
import { openedModel, type Studio, studio, twoSubjects } from '../testing/studio.js'
import { runNode, type Surroundings, surroundings } from '../testing/surroundings.js'
import { dreamoEncodeReference } from './encode-reference.js'
import { dreamoEncodeText } from './encode-text.js'
import { dreamoRoutingMask } from './routing-mask.js'
import { dreamoSample } from './sample.js'

let place: Studio
let around: Surroundings
let model: LoadedModel
let text: EncodedText
let references: EncodedReference[]

beforeAll(async () => {
  place = await studio()
  around = await surroundings()
  model = await openedModel(await place.open({ cache: 'none' }))
  text = (await runNode(dreamoEncodeText, { model }, { text: 'a cat [ref#4]', maxTokens: 8 }, around)).text
  references = await Promise.all([encodeReference(4, 32), encodeReference(1, 16)])
})
afterAll(async () => {
  await around.remove()
  await place.remove()
})

async function encodeReference(slot: number, size: number): Promise<EncodedReference> {
  const inputs = { model, image: pattern(size, size, 3), mask: undefined }
  return (await runNode(dreamoEncodeReference, inputs, { slot, task: 'id' }, around)).reference
}

const noise: Latent = {
  channels: 16,
  height: 4,
  width: 6,
  data: gaussianNoise(16 * 4 * 6, { seed: 1n, stream: 'latent', index: 0 }),
}

interface Given {
  /** Kinds of previews that somebody looks at. */
  readonly looksAt?: readonly string[]
  readonly wantsPreview?: (kind: string) => boolean
  readonly routingMaps?: boolean
  readonly on?: LoadedModel
  readonly from?: readonly EncodedReference[]
}

/** Two steps, and what was shown on the way. */
async function sample({ looksAt = [], routingMaps = false, on = model, from = references, ...given }: Given) {
  const shown: Preview[] = []
  const ctx = {
    signal: new AbortController().signal,
    items: 1,
    progress: () => {},
    preview: (preview: Preview) => void shown.push(preview),
    wantsPreview: given.wantsPreview ?? ((kind: string) => looksAt.includes(kind)),
  }
  const inputs = { model: on, conditions: { text, references: [...from] }, noise }
  const outputs = await runNode(dreamoSample, inputs, { steps: 2, routingMaps }, { ...around, ctx })
  return { ...outputs, shown, of: (kind: string) => shown.filter((preview) => preview.kind === kind) }
}

test('nothing costly is made where nobody looks, and looking changes nothing of the result', async () => {
  const { latent, routing, shown } = await sample({})
  expect(shown.map(({ kind }) => kind)).toEqual(['latent', 'latent'])
  expect(routing).toEqual({ rows: 2, columns: 3, maps: [] })
  const looked = await sample({ wantsPreview: () => true })
  expect({ latent: looked.latent, routing: looked.routing }).toEqual({ latent, routing })
})

test('a picture of each step, at last the one that is decoded from the result', async () => {
  const { latent, of } = await sample({ looksAt: ['picture'] })
  const decoded = await decodePicture(model.model, latent)
  expect(of('picture').map(({ step, steps }) => [step, steps])).toEqual([
    [1, 2],
    [2, 2],
  ])
  const [first, last] = of('picture').map(({ image }) => image as RgbImage)
  expect(first).toMatchObject({ width: 48, height: 32, channels: 3 })
  expect(first).not.toEqual(decoded)
  expect(last).toEqual(decoded)
})

test('a map of each reference in each step, by slot, and what they share', async () => {
  const { of } = await sample({ looksAt: ['routing'] })
  expect(of('routing').map(({ step, reference }) => [step, reference])).toEqual([
    [1, 1],
    [1, 4],
    [2, 1],
    [2, 4],
  ])
  for (const { map, leakage, ...rest } of of('routing')) {
    expect(rest).toMatchObject({ kind: 'routing', steps: 2, rows: 2, columns: 3 })
    const bytes = [...(map as Uint8Array)]
    expect(bytes).toHaveLength(6)
    expect([Math.min(...bytes), Math.max(...bytes)]).toEqual([0, 255])
    expect(leakage).toBeGreaterThanOrEqual(0)
    expect(leakage).toBeLessThanOrEqual(1)
  }
  expect(of('routing-layers')).toEqual([])
  const layered = (await sample({ looksAt: ['routing-layers'] })).of('routing-layers')
  expect(layered.slice(0, 6).map(({ group, reference }) => `${group} ${reference}`)).toEqual(
    ['early', 'middle', 'late'].flatMap((group) => [`${group} 1`, `${group} 4`]),
  )
  expect(layered).toHaveLength(12)
})

test('who comes late sees what is left', async () => {
  let asked = 0
  const { of } = await sample({ wantsPreview: (kind) => kind === 'routing' && ++asked > 1 })
  expect(new Set(of('routing').map(({ step }) => step))).toEqual(new Set([2]))
})

test('a picture that cannot be made does not end the run', async () => {
  const broken = { ...model.model, vae: { ...model.model.vae, weights: new Map() } }
  const { latent, of } = await sample({ looksAt: ['picture', 'routing'], on: { ...model, model: broken } })
  expect(latent).toEqual((await sample({})).latent)
  expect(of('picture')).toEqual([])
  expect(of('routing')).toHaveLength(4)
})

test('a run passes on who looks', async () => {
  const kinds: string[] = []
  await (await place.open({ cache: 'none' })).run(twoSubjects(), {
    targets: ['sample'],
    wantsPreview: (kind) => kind === 'picture',
    onEvent: (event) => event.type === 'node-preview' && event.node === 'sample' && kinds.push(event.preview.kind),
  })
  expect(kinds.filter((kind) => kind !== 'latent')).toEqual(['picture', 'picture', 'picture'])
})

test('kept maps are the means of the steps; a mask is cut from them at the size of the picture', async () => {
  const { routing } = await sample({ routingMaps: true })
  expect(routing).toMatchObject({ rows: 2, columns: 3, maps: [{ reference: 1 }, { reference: 4 }] })
  const mask = (params: { reference: number; threshold?: number }) =>
    runNode(dreamoRoutingMask, { routing }, params, around)
  const shades = await mask({ reference: 4, threshold: 0 })
  expect(shades.mask).toMatchObject({ width: 48, height: 32, channels: 1 })
  expect(shades.leakage).toBe(routing.maps[1]!.leakage)
  const cut = await mask({ reference: 4 })
  expect(cut.mask.data).toEqual(shades.mask.data.map((value) => (value >= 128 ? 255 : 0)))
  // In the middle of a token the mask is near the token's own value.
  const most = routing.maps[1]!.map.indexOf(255)
  const [x, y] = [16 * (most % 3) + 8, 16 * Math.floor(most / 3) + 8]
  expect(shades.mask.data[48 * y + x]).toBeGreaterThan(200)
  await expect(mask({ reference: 2 })).rejects.toMatchObject({
    code: 'nodes/routing-missing',
    message: 'reference: expected a routing map of 2, got maps of 1, 4',
  })
})

test('maps are kept only where they are asked for, and of references only', async () => {
  const { routing } = await sample({ routingMaps: true, from: [] })
  expect(routing.maps).toEqual([])
  await expect(runNode(dreamoRoutingMask, { routing }, {}, around)).rejects.toThrow(/switch on "Routing maps"/)
})
