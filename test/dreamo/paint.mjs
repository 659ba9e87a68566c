// Paints a picture in a process of its own and prints what came out: node paint.mjs FOLDER SEED
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import {
  decodePicture,
  denoise,
  encodeReference,
  encodeText,
  gaussianNoise,
  modelFiles,
  openModel,
  packLatents,
  unpackLatents,
  withLoras,
} from '@dreamgraph/dreamo'
import { openRuntime } from '@dreamgraph/runtime'

/** SHA-256 of the reference's tokens, the latents and the picture. */
export async function paint(model, seed) {
  const image = { width: 32, height: 32, channels: 3, data: Uint8Array.from({ length: 3072 }, (_, i) => (7 * i) % 256) }
  const reference = await encodeReference(model, { slot: 1, task: 'ip', image }, { draw: { kind: 'sample', seed } })
  const text = await encodeText(model, 'a fox as [ref#1]', { maxTokens: 16 })
  const shape = { batch: 1, channels: 16, height: 6, width: 8 }
  const noise = packLatents(gaussianNoise(16 * 6 * 8, { seed, stream: 'latent', index: 0 }), shape)
  const request = { noise, grid: { rows: 3, columns: 4 }, text, references: [reference], steps: 3, guidance: 4.5 }
  const latents = await denoise(model, request)
  const picture = await decodePicture(model, { ...shape, data: unpackLatents(latents, shape) })
  const digest = ({ buffer, byteOffset, byteLength }) =>
    createHash('sha256')
      .update(new Uint8Array(buffer, byteOffset, byteLength))
      .digest('hex')
  return [reference.tokens, latents, picture.data].map(digest)
}

if (process.argv[1] === import.meta.filename) {
  const [folder, seed] = process.argv.slice(2)
  const runtime = await openRuntime({ device: 'cpu' })
  const base = await openModel(await modelFiles(folder), runtime)
  const model = await withLoras(base, [{ path: join(folder, 'DreamO/dreamo.safetensors'), weight: 1 }])
  console.log(JSON.stringify(await paint(model, BigInt(seed))))
  await runtime.close()
}
