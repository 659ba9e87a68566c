// At which times of the flow a step trains: t = 0 is data, t = 1 is noise.
import { gaussianNoise } from '@dreamgraph/dreamo'

/**
 * logit-normal — t = 1/(1 + exp(−(mean + std·n))), n normal: the middle of the flow more often, as Stable Diffusion 3 and
 * FLUX were trained (arXiv 2403.03206, section 3.1). uniform — every time as often.
 */
export type FlowTimes =
  | { readonly kind: 'logit-normal'; readonly mean: number; readonly std: number }
  | { readonly kind: 'uniform' }

/** Times for a batch: → [count] f32 in (0, 1). The same seed gives the same times. */
export function flowTimes(count: number, seed: bigint, times: FlowTimes): Float32Array {
  const normals = gaussianNoise(2 * count, { seed, stream: 'latent', index: 0xffffffff })
  return Float32Array.from({ length: count }, (_, i) => {
    const [a, b] = [normals[2 * i], normals[2 * i + 1]]
    // The direction of a pair of normals is uniform over the circle.
    const t = times.kind === 'uniform' ? Math.atan2(b, a) / (2 * Math.PI) + 0.5 : sigmoid(times.mean + times.std * a)
    return Math.min(1 - 1e-6, Math.max(1e-6, t))
  })
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
