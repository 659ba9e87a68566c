// Blocks of GGUF in the layout of `blockProduct`: the same numbers, moved. Nothing is decoded.
import { blockOf, decodeFloats } from '@dreamgraph/weights'

export interface CopiedBlocks {
  readonly values: Uint8Array
  readonly scales: Float32Array
}

/** Q8_0: a float16 scale and 32 int8. Values are stored + 128. */
export function copiedQ8(bytes: Uint8Array): CopiedBlocks {
  return copied(bytes, { dtype: 'Q8_0', valueBytes: 32 }, (from, to) => {
    for (let i = 0; i < 32; i++) to[i] = from[i]! ^ 0x80 // two's complement + 128
  })
}

/** Q4_0: a float16 scale and 16 bytes whose low nibbles are the first half of the block. Ours are pairs of neighbours. */
export function copiedQ4(bytes: Uint8Array): CopiedBlocks {
  return copied(bytes, { dtype: 'Q4_0', valueBytes: 16 }, (from, to) => {
    for (let i = 0; i < 8; i++) {
      to[i] = (from[2 * i]! & 15) | ((from[2 * i + 1]! & 15) << 4)
      to[8 + i] = (from[2 * i]! >> 4) | (from[2 * i + 1]! & 0xf0)
    }
  })
}

function copied(
  bytes: Uint8Array,
  { dtype, valueBytes }: { dtype: 'Q8_0' | 'Q4_0'; valueBytes: number },
  move: (from: Uint8Array, to: Uint8Array) => void,
): CopiedBlocks {
  const { sizeBytes } = blockOf(dtype)
  const count = bytes.byteLength / sizeBytes
  const values = new Uint8Array(count * valueBytes)
  const halves = new Uint8Array(2 * count)
  for (let i = 0; i < count; i++) {
    const at = i * sizeBytes
    halves[2 * i] = bytes[at]!
    halves[2 * i + 1] = bytes[at + 1]!
    move(bytes.subarray(at + 2, at + sizeBytes), values.subarray(i * valueBytes, (i + 1) * valueBytes))
  }
  return { values, scales: decodeFloats(halves, 'F16', dtype) }
}
