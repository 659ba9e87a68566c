import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openClip, openT5, openTransformer, openVae } from './components.js'
import { readTensor, toFloat32 } from './read.js'

const golden = fileURLToPath(new URL('../../../test/fixtures/golden', import.meta.url))

test('opens the folder of each component', async () => {
  const transformer = await openTransformer(join(golden, 'flux_tiny/weights/transformer'))
  expect(transformer.layout).toBe('diffusers')
  expect(transformer.weights.get('x_embedder.weight')).toMatchObject({ dtype: 'F32', shape: [64, 64] })
  expect((await openVae(join(golden, 'vae_tiny/weights/vae'))).weights.size).toBe(240)
  expect((await openClip(join(golden, 'clip_tiny/weights/text_encoder'))).weights.size).toBe(36)
  expect((await openT5(join(golden, 't5_tiny/weights/text_encoder_2'))).weights.size).toBe(21)
})

test('opens sharded folders, each tensor from its shard', async () => {
  const sharded = await openTransformer(join(golden, 'pipeline_tiny/weights/transformer'))
  expect(sharded.files).toHaveLength(3)
  const view = sharded.weights.get('x_embedder.weight')!
  expect((await readTensor(view)).byteLength).toBe(64 * 64 * 4)
  expect((await toFloat32(view)).every(Number.isFinite)).toBe(true)
})

test('names what it expected when the checkpoint is another component', async () => {
  await expect(openVae(join(golden, 'clip_tiny/weights/text_encoder'))).rejects.toMatchObject({
    code: 'weights/layout-unknown',
    userFault: true,
  })
})
