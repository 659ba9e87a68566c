// An autoencoder that learns on from what it is, all of it or a part: what its two trainings on whole pictures share.
import { type Parameters, parametersOf, type VaeConfig } from '@dreamgraph/dreamo'
import { input } from '@dreamgraph/onnx'
import type { Trainables } from '@dreamgraph/train'
import { toFloat32, type WeightSet } from '@dreamgraph/weights'
import type { AutoencoderRun } from './autoencoder.js'

export interface Vae {
  readonly config: VaeConfig
  readonly weights: WeightSet
}

export type WholePicturesRun = Omit<AutoencoderRun, 'size' | 'shape'>

export const emaDecay = 0.995
/** Colours count twice: small things in two of them came out grey. Contrast: wax strokes came out as pale as a wash. */
export const pictureWeights = { squares: 1, absolutes: 0.1, edges: 1, colours: 1, contrast: 4 }

/** All of it but the statistics, which what is written in the end has anew. */
export const unscaled = (config: VaeConfig): VaeConfig => ({ ...config, scalingFactor: 1, shiftFactor: 0 })

interface Learning {
  /** Weights that learn as inputs, the others as constants. */
  readonly parameters: Parameters
  readonly trainables: Trainables
  /** What these have learnt so far. */
  readonly initial: ReadonlyMap<string, Float32Array>
}

/** An autoencoder whose weights learn as far as their names begin so. */
export async function learningOf({ weights }: Vae, prefix = ''): Promise<Learning> {
  const frozen = parametersOf(weights)
  const trainables = new Map(
    [...weights]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, { shape }]) => [name, input(name, shape as readonly number[])] as const),
  )
  const values = [...trainables.keys()].map(async (name) => [name, await toFloat32(weights.get(name)!)] as const)
  const parameters: Parameters = {
    weight: (key, shape) => trainables.get(key) ?? frozen.weight(key, shape),
    branches: () => [],
  }
  return { parameters, trainables, initial: new Map(await Promise.all(values)) }
}
