// Token embeddings are looked up on the host: a prompt needs a few hundred rows of a table of up to half a gigabyte.
import { rows, toFloat32, type WeightView } from '@dreamgraph/weights'

export interface TokenTable {
  readonly tokens: number
  readonly width: number
  /** Rows of the ids in order: → [ids, width] f32. */
  lookup(ids: readonly number[]): Promise<Float32Array>
}

/** One table from blocks of rows in files; ids count through the blocks. */
export function tokenTable(blocks: readonly WeightView[]): TokenTable {
  const width = blocks[0].shape[1]
  const tokens = blocks.reduce((n, block) => n + block.shape[0], 0)
  const known = new Map<number, Promise<Float32Array>>()

  const read = (id: number): Promise<Float32Array> => {
    let first = 0
    for (const block of blocks) {
      const row = id - first
      if (row >= 0 && row < block.shape[0]) return toFloat32(rows(block, row, row + 1))
      first += block.shape[0]
    }
    throw new Error(`internal: token id: expected 0..${tokens - 1}, got ${id}`)
  }
  return {
    tokens,
    width,
    async lookup(ids) {
      const table = new Float32Array(ids.length * width)
      for (const id of ids) if (!known.has(id)) known.set(id, read(id))
      await Promise.all(ids.map(async (id, i) => table.set((await known.get(id))!, i * width)))
      return table
    },
  }
}
