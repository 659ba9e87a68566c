// Values of parameters before the first step.
import { gaussianNoise, type ParameterShape } from '@dreamgraph/dreamo'
import type { TensorData } from '@dreamgraph/runtime'

/**
 * Seeded starting values: weights of linear layers and convolutions normal with variance 1/fan-in, weights of norms 1,
 * biases 0. Keys are those of checkpoints. The same seed and shapes give the same bytes.
 */
export function initialValues(parameters: Iterable<ParameterShape>, seed: bigint): Record<string, TensorData> {
  const values: Record<string, TensorData> = {}
  let index = 0
  for (const { name, shape } of parameters) {
    const length = shape.reduce((n, d) => n * d, 1)
    const fanIn = length / shape[0]
    const deviation = 1 / Math.sqrt(fanIn)
    const data =
      shape.length > 1
        ? gaussianNoise(length, { seed, stream: 'latent', index: index++ }).map((x) => x * deviation)
        : new Float32Array(length).fill(isNormWeight(name) ? 1 : 0)
    values[name] = { dtype: 'float32', shape, data }
  }
  return values
}

/** One-dimensional weights belong to norms; all else of one dimension is a bias. */
const isNormWeight = (name: string): boolean => name.endsWith('.weight')
