// Looks at latents on a small model: decoded where they are small, projected where they are not.
import { fileURLToPath } from 'node:url'
import {
  decodePicture,
  encodePicture,
  gaussianNoise,
  type Latent,
  latentPicture,
  openComponent,
  resizeArea,
  Sessions,
} from '@dreamgraph/dreamo'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSmallModel, type SmallModel, slopingPicture } from './small-model.js'

let small: SmallModel
beforeAll(async () => {
  small = await openSmallModel()
})
afterAll(() => small.close())

const noise = (width: number, height: number): Latent => ({
  channels: 16,
  width,
  height,
  data: gaussianNoise(16 * width * height, { seed: 3n, stream: 'latent', index: 0 }),
})

test('few latents are decoded', async () => {
  const latent = noise(6, 4)
  expect(await latentPicture(small.dreamo, latent)).toEqual(await decodePicture(small.dreamo, latent))
})

test('many become four pixels each, the same for equal weights, and ask nothing more of the runtime', async () => {
  const latent = noise(64, 20)
  const picture = await latentPicture(small.dreamo, latent)
  expect(picture).toMatchObject({ width: 128, height: 40, channels: 3 })
  const another = { ...small.base, vae: { ...small.base.vae } } // is fitted anew
  expect(await latentPicture(another, latent)).toEqual(picture)
  const { sessions } = small.runtime.status()
  expect(await latentPicture(small.base, latent)).toEqual(picture)
  expect(small.runtime.status().sessions).toEqual(sessions)
})

test('a projection shows what the autoencoder would decode', async () => {
  const folder = fileURLToPath(new URL('../../models/mini/vae', import.meta.url)) // a trained one
  const mini = { vae: await openComponent('vae', folder), sessions: new Sessions(small.runtime) }
  const latent = await encodePicture(mini, slopingPicture(320, 320))
  const [projected, decoded] = [await latentPicture(mini, latent), await decodePicture(mini, latent)]
  const want = resizeArea(decoded, projected).data
  const meanError = want.reduce((sum, value, i) => sum + Math.abs(value - projected.data[i]), 0) / want.length
  expect(meanError).toBeLessThan(20) // of 255; half of it is the picture's hard edges
})

test('an abort ends it', async () => {
  const options = { signal: AbortSignal.abort() }
  const fresh = { ...small.base, vae: { ...small.base.vae } }
  await expect(latentPicture(fresh, noise(64, 20), options)).rejects.toMatchObject({ code: 'runtime/cancelled' })
})
