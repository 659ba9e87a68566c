// How weights lie in their files does not change a picture: halves in another order, as original files keep them, fp8 too.
import { join } from 'node:path'
import { denoise, type EncodedText, encodeText, gaussianNoise, type Model, tokenGrid } from '@dreamgraph/dreamo'
import { concatRows, openSafetensors, rows, toFloat32, type WeightView, writeSafetensors } from '@dreamgraph/weights'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { largestDifference, openSmallModel, type SmallModel } from './small-model.js'

const key = 'norm_out.linear.weight'
const grid = tokenGrid({ width: 32, height: 32 })
const noise = gaussianNoise(grid.rows * grid.columns * 64, { seed: 1n, stream: 'latent', index: 0 })

let small: SmallModel
let text: EncodedText
let unchanged: Float32Array
beforeAll(async () => {
  small = await openSmallModel()
  text = await encodeText(small.base, 'a fox', { maxTokens: 8 })
  unchanged = await paint(small.base)
})
afterAll(() => small.close())

const paint = (model: Model): Promise<Float32Array> =>
  denoise(model, { noise, grid, text, references: [], steps: 1, guidance: 4 })

/** The model with one weight from elsewhere. */
function withWeight({ transformer, ...rest }: Model, view: WeightView): Model {
  return { ...rest, transformer: { ...transformer, weights: new Map(transformer.weights).set(key, view) } }
}

/** Writes a weight and opens it again. */
async function stored(name: string, dtype: WeightView['dtype'], values: Float32Array, shape: readonly number[]) {
  const path = join(small.folder, `${name}.safetensors`)
  await writeSafetensors(path, [{ name: key, dtype, shape, data: values }])
  return (await openSafetensors(path)).tensors.get(key)!
}

test.each(['F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2'] as const)(
  '%s in one piece and as swapped halves',
  async (dtype) => {
    const original = small.base.transformer.weights.get(key)!
    const [height] = original.shape
    const values = await toFloat32(original)
    const swapped = new Float32Array(values.length)
    swapped.set(values.subarray(values.length / 2))
    swapped.set(values.subarray(0, values.length / 2), values.length / 2)

    const whole = await stored(`${dtype}-whole`, dtype, values, original.shape)
    const other = await stored(`${dtype}-swapped`, dtype, swapped, original.shape)
    const joined = concatRows([rows(other, height / 2, height), rows(other, 0, height / 2)])
    expect(joined.parts.length).toBe(2)
    const painted = await paint(withWeight(small.base, whole))
    expect(await paint(withWeight(small.base, joined))).toEqual(painted)
    const lossless = !dtype.startsWith('F8') // the small model is stored as BF16, in values that F16 holds as well
    expect(largestDifference(painted, unchanged) === 0).toBe(lossless)
  },
)
