// Reads tensor data from disk, as raw bytes or as numbers.
import { decodeFloats } from './decode.js'
import { WeightsError } from './errors.js'
import { openForReading, readFully } from './safetensors.js'
import { viewSizeBytes, type WeightView } from './view.js'

/** The bytes of a view as stored (little-endian, scale not applied), in a buffer of their own. */
export async function readTensor(view: WeightView): Promise<Uint8Array> {
  const bytes = new Uint8Array(viewSizeBytes(view))
  let position = 0
  for (const part of view.parts) {
    const handle = await openForReading(part.file)
    try {
      const into = bytes.subarray(position, position + part.sizeBytes)
      if (!(await readFully(handle, into, part.offset)))
        throw new WeightsError(
          'weights/file-changed',
          `${part.file}: expected ${view.name} at bytes ${part.offset}..${part.offset + part.sizeBytes}, got the end of the file`,
        )
    } finally {
      await handle.close()
    }
    position += part.sizeBytes
  }
  return bytes
}

/** The values of a float view as float32, scale applied. F32, F16, BF16, F8_E4M3 and F8_E5M2 are exact; F64 is rounded. */
export async function toFloat32(view: WeightView): Promise<Float32Array> {
  const values = decodeFloats(await readTensor(view), view.dtype, view.name)
  if (view.scale !== undefined) for (let i = 0; i < values.length; i++) values[i]! *= view.scale
  return values
}
