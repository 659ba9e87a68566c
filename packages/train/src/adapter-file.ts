// What was learnt as a LoRA file: in the keys of DreamO's own release, or in those of diffusers.

import { PLACEHOLDER_TOKENS } from '@dreamgraph/dreamo'
import { type TensorSource, writeSafetensors } from '@dreamgraph/weights'
import { loraDown, loraUp } from './trainable.js'
import { indexEmbedding, placeholderEmbedding, taskEmbedding } from './trained-model.js'

/** A learnt matrix, row-major. */
export interface Matrix {
  readonly shape: readonly [number, number]
  readonly data: Float32Array
}

export interface LearntAdapter {
  /** By module: ΔW = scale · up · down, down [rank, in] and up [out, rank]. */
  readonly modules: ReadonlyMap<string, { readonly down: Matrix; readonly up: Matrix; readonly scale: number }>
  /** Under the names that DreamO gives them: task_embedding, idx_embedding, t5_embedding. */
  readonly embeddings: ReadonlyMap<string, Matrix>
}

/**
 * dreamo — `double_blocks_0_processor.qkv_lora1.down.weight` as in dreamo.safetensors, where q, k and v share one down:
 * the three are stacked, so ranks triple and nothing is lost. Modules that this form has no name for (feed-forward) keep
 * their name of diffusers in the same file. diffusers — `transformer.X.lora_A.weight` throughout.
 */
export type AdapterFormat = 'dreamo' | 'diffusers'

/** Splits the values of a trained adapter model; `scale` is alpha / rank. */
export function learntAdapter(
  values: ReadonlyMap<string, Float32Array>,
  { rank, scale, hiddenSize }: { rank: number; scale: number; hiddenSize: number },
): LearntAdapter {
  const suffix = loraDown('')
  const modules = [...values].flatMap(([name, down]) => {
    if (!name.endsWith(suffix)) return []
    const module = name.slice(0, -suffix.length)
    const up = values.get(loraUp(module))!
    const pair = {
      down: { shape: [rank, down.length / rank] as const, data: down },
      up: { shape: [up.length / rank, rank] as const, data: up },
      scale,
    }
    return [[module, pair] as const]
  })
  const tables = [taskEmbedding, indexEmbedding, placeholderEmbedding].flatMap((name) => {
    const data = values.get(name)
    const width = name === placeholderEmbedding ? (data?.length ?? 0) / PLACEHOLDER_TOKENS.length : hiddenSize
    return data ? [[name, { shape: [data.length / width, width] as const, data }] as const] : []
  })
  return { modules: new Map(modules), embeddings: new Map(tables) }
}

/**
 * Writes the file in one step. The scale is multiplied into `up`, and all ranks are made equal with zeros: files
 * without alpha mean scale 1 to every reader only then (diffusers 0.33 divides by the rank of the first module).
 */
export async function writeAdapter(
  path: string,
  adapter: LearntAdapter,
  format: AdapterFormat,
  { dtype = 'F32' }: { dtype?: 'F32' | 'BF16' } = {},
): Promise<void> {
  const scaled = new Map(
    [...adapter.modules].map(([module, { down, up, scale }]) => [module, { down, up: times(up, scale) }]),
  )
  const pairs = format === 'dreamo' ? dreamoPairs(scaled) : diffusersPairs(scaled)
  const rank = Math.max(0, ...pairs.map(({ down }) => down.shape[0]))
  const tensors = pairs.flatMap(({ downKey, upKey, down, up }) => [
    tensor(downKey, padRows(down, rank), dtype),
    tensor(upKey, padColumns(up, rank), dtype),
  ])
  const tables = [...adapter.embeddings].map(([name, table]) => tensor(`dreamo_${name}.weight`, table, dtype))
  await writeSafetensors(path, [...tensors, ...tables], { format: 'pt' })
}

interface Pair {
  readonly down: Matrix
  readonly up: Matrix
}

type KeyedPair = Pair & { readonly downKey: string; readonly upKey: string }

/** Modules of one DreamO key, in the order of their stacked rows: by kind of block. */
const dreamoKeys: readonly { block: RegExp; prefix: string; keys: Readonly<Record<string, readonly string[]>> }[] = [
  {
    block: /^transformer_blocks\.(\d+)\./,
    prefix: 'double_blocks',
    keys: {
      qkv_lora1: ['attn.to_q', 'attn.to_k', 'attn.to_v'],
      qkv_lora2: ['attn.add_q_proj', 'attn.add_k_proj', 'attn.add_v_proj'],
      proj_lora1: ['attn.to_out.0'],
      proj_lora2: ['attn.to_add_out'],
    },
  },
  {
    block: /^single_transformer_blocks\.(\d+)\./,
    prefix: 'single_blocks',
    keys: { qkv_lora: ['attn.to_q', 'attn.to_k', 'attn.to_v'], proj_lora: ['proj_out'] },
  },
]

function dreamoPairs(modules: ReadonlyMap<string, Pair>): KeyedPair[] {
  const left = new Map(modules)
  const pairs: KeyedPair[] = []
  for (const { block, prefix, keys } of dreamoKeys) {
    const blocks = new Map<string, string>()
    for (const name of modules.keys()) {
      const [at, index] = block.exec(name) ?? []
      if (at) blocks.set(at, index)
    }
    for (const [at, index] of blocks) {
      for (const [key, locals] of Object.entries(keys)) {
        const names = locals.map((local) => `${at}${local}`)
        const parts = names.map((name) => left.get(name))
        // A stack has rows for all its modules; one that did not learn keeps the others under their own names.
        if (!parts.every((part) => part !== undefined)) continue
        for (const name of names) left.delete(name)
        const base = `${prefix}_${index}_processor.${key}`
        pairs.push({ downKey: `${base}.down.weight`, upKey: `${base}.up.weight`, ...stack(parts) })
      }
    }
  }
  return [...pairs, ...diffusersPairs(left)]
}

function diffusersPairs(modules: ReadonlyMap<string, Pair>): KeyedPair[] {
  return [...modules].map(([module, pair]) => ({
    downKey: `transformer.${loraDown(module)}`,
    upKey: `transformer.${loraUp(module)}`,
    ...pair,
  }))
}

/** Downs [r, in] one above the other; ups [out, r] along the diagonal, so that each sees its own down alone. */
function stack(parts: readonly Pair[]): Pair {
  const width = parts[0].down.shape[1]
  const rank = parts.reduce((sum, { down }) => sum + down.shape[0], 0)
  const height = parts.reduce((sum, { up }) => sum + up.shape[0], 0)
  const down = new Float32Array(rank * width)
  const up = new Float32Array(height * rank)
  let [row, column] = [0, 0]
  for (const part of parts) {
    const [partHeight, partRank] = part.up.shape
    down.set(part.down.data, column * width)
    for (let y = 0; y < partHeight; y++) {
      up.set(part.up.data.subarray(y * partRank, (y + 1) * partRank), (row + y) * rank + column)
    }
    row += partHeight
    column += partRank
  }
  const pair: Pair = { down: { shape: [rank, width], data: down }, up: { shape: [height, rank], data: up } }
  return rank > width ? multipliedOut(pair) : pair
}

/** The same change with the identity for down, [width, width]: smaller where the rank exceeds the width. */
function multipliedOut({ down, up }: Pair): Pair {
  const [rank, width] = down.shape
  const [height] = up.shape
  const identity = new Float32Array(width * width)
  for (let i = 0; i < width; i++) identity[i * width + i] = 1
  const product = new Float32Array(height * width)
  for (let y = 0; y < height; y++) {
    for (let r = 0; r < rank; r++) {
      const factor = up.data[y * rank + r]
      if (factor === 0) continue
      for (let x = 0; x < width; x++) product[y * width + x] += factor * down.data[r * width + x]
    }
  }
  return { down: { shape: [width, width], data: identity }, up: { shape: [height, width], data: product } }
}

const times = ({ shape, data }: Matrix, factor: number): Matrix => ({
  shape,
  data: factor === 1 ? data : data.map((value) => value * factor),
})

function padRows({ shape: [, width], data }: Matrix, rows: number): Matrix {
  const padded = new Float32Array(rows * width)
  padded.set(data)
  return { shape: [rows, width], data: padded }
}

function padColumns({ shape: [height, width], data }: Matrix, columns: number): Matrix {
  if (width === columns) return { shape: [height, width], data }
  const padded = new Float32Array(height * columns)
  for (let y = 0; y < height; y++) padded.set(data.subarray(y * width, (y + 1) * width), y * columns)
  return { shape: [height, columns], data: padded }
}

const tensor = (name: string, { shape, data }: Matrix, dtype: 'F32' | 'BF16'): TensorSource => ({
  name,
  dtype,
  shape,
  data,
})
