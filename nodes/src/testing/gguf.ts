/** A transformer as a GGUF file whose matrices are Q8_0 or Q4_0, and its twin: the very numbers of those blocks in float32. */
import { writeFile } from 'node:fs/promises'
import { encodeFloats, openSafetensors, type TensorSource, toFloat32, writeSafetensors } from '@dreamgraph/weights'

export type BlockKind = 'Q8_0' | 'Q4_0'

const kinds = { Q8_0: { type: 8, levels: 127 }, Q4_0: { type: 2, levels: 7 } } as const

/** Rewrites a safetensors file of the original layout. Tensors that are no matrices of whole blocks stay float32. */
export async function writeGgufTwins(
  source: string,
  kind: BlockKind,
  to: { gguf: string; twin: string },
): Promise<void> {
  const { tensors } = await openSafetensors(source)
  const infos: Uint8Array[] = []
  const data: Uint8Array[] = []
  const twins: TensorSource[] = []
  let offset = 0
  for (const { name, shape } of tensors.values()) {
    const values = await toFloat32(tensors.get(name)!)
    const isMatrix = shape.length === 2 && shape[1]! % 32 === 0
    const { bytes, numbers } = isMatrix ? inBlocks(values, kind) : { bytes: bytesOf(values), numbers: values }
    const type = isMatrix ? kinds[kind].type : 0
    infos.push(concat([text(name), u32(shape.length), ...shape.toReversed().map(u64), u32(type), u64(offset)]))
    data.push(padded(bytes))
    offset += data.at(-1)!.byteLength
    twins.push({ name, shape, dtype: 'F32', data: numbers })
  }
  const head = concat([new TextEncoder().encode('GGUF'), u32(3), u64(infos.length), u64(1)])
  const architecture = concat([text('general.architecture'), u32(8), text('flux')])
  await writeFile(to.gguf, concat([padded(concat([head, architecture, ...infos])), ...data]))
  await writeSafetensors(to.twin, twins)
}

/** Scales are powers of two, so that they lose nothing as float16. */
function inBlocks(values: Float32Array, kind: BlockKind): { bytes: Uint8Array; numbers: Float32Array } {
  const { levels } = kinds[kind]
  const numbers = new Float32Array(values.length)
  const blocks: Uint8Array[] = []
  for (let at = 0; at < values.length; at += 32) {
    const block = values.subarray(at, at + 32)
    const largest = block.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-4)
    const scale = 2 ** Math.ceil(Math.log2(largest / levels))
    const stored = [...block].map((value) => Math.round(value / scale))
    numbers.set(
      stored.map((value) => value * scale),
      at,
    )
    const packed =
      kind === 'Q8_0' ? stored : Array.from({ length: 16 }, (_, i) => (stored[i]! + 8) | ((stored[i + 16]! + 8) << 4))
    blocks.push(encodeFloats(Float32Array.of(scale), 'F16', kind), Uint8Array.from(packed))
  }
  return { bytes: concat(blocks), numbers }
}

const concat = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts)
const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer)
const u64 = (value: number): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer)
const text = (value: string): Uint8Array => concat([u64(value.length), new TextEncoder().encode(value)])
const padded = (bytes: Uint8Array): Uint8Array => concat([bytes, new Uint8Array((32 - (bytes.byteLength % 32)) % 32)])
