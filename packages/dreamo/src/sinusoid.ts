/** The sinusoidal features of timestep and guidance that enter FLUX's time embedder, computed on the host. */

/** Width of the features: FLUX's Timesteps(256). */
export const SINUSOID_WIDTH = 256

/** The transformer multiplies timestep (sigma in 0..1) and guidance by this before the sinusoid. */
const MODEL_SCALE = 1000

/**
 * Sinusoids of sigma or guidance values. [batch] → [batch, 256] f32, laid out [cos(128), sin(128)].
 *
 * feature i = cos|sin(1000·value · exp(-ln(10000)·i/128)), each step rounded to float32 as torch does. torch's own
 * float32 exp is 1 ulp off in places, so results agree with it to 6e-5 for sigma and 2.5e-4 for guidance 4.5, not to the bit.
 */
export function sinusoid(values: ArrayLike<number>): Float32Array {
  const half = SINUSOID_WIDTH / 2
  const out = new Float32Array(values.length * SINUSOID_WIDTH)
  for (let row = 0; row < values.length; row++) {
    const scaled = f32(f32(values[row]!) * MODEL_SCALE)
    for (let i = 0; i < half; i++) {
      const frequency = f32(Math.exp(f32(f32(f32(-Math.log(10_000)) * i) / half)))
      const angle = f32(scaled * frequency)
      out[row * SINUSOID_WIDTH + i] = Math.cos(angle)
      out[row * SINUSOID_WIDTH + half + i] = Math.sin(angle)
    }
  }
  return out
}

const f32 = Math.fround
