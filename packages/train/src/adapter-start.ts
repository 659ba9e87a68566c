// Where an adapter goes on from: the values of a LoRA file, such as DreamO's release, as those a model starts with.
import { PLACEHOLDER_TOKENS } from '@dreamgraph/dreamo'
import {
  type Lora,
  loraScales,
  matchLora,
  openLora,
  rankOf,
  readFactors,
  rows,
  toFloat32,
  type WeightView,
} from '@dreamgraph/weights'
import { TrainError } from './errors.js'
import { loraDown, loraUp } from './trainable.js'
import { indexEmbedding, placeholderEmbedding, type TrainedModel, taskEmbedding } from './trained-model.js'

/**
 * Values before the first step: those of the file, and the model's own where the file has none. The model's rank may be
 * higher; its other rows start as they would without the file, downs drawn and ups zero, so that step 0 is the file's
 * adapter. `scale` is the model's alpha / rank.
 * Throws train/model-unsuitable for a file of a higher rank or of other sizes, and WeightsError.
 */
export async function adapterStart(
  path: string,
  { initial, trainables }: Pick<TrainedModel, 'initial' | 'trainables'>,
  { scale }: { readonly scale: number },
): Promise<Map<string, Float32Array>> {
  const lora = await openLora(path)
  const { unknownKeys } = matchLora(lora, new Map())
  if (unknownKeys.length > 0)
    throw unsuitable(path, 'a plain LoRA', `keys of no known meaning, such as ${unknownKeys[0]}`)
  const values = new Map([...initial].map(([name, value]) => [name, value.slice()]))
  const scales = loraScales(lora.modules, 1)
  for (const [module, pair] of lora.modules) {
    const [down, up] = [values.get(loraDown(module)), values.get(loraUp(module))]
    if (!down || !up) throw unsuitable(path, 'modules that learn', module)
    const [rank, width] = trainables.get(loraDown(module))!.shape
    const out = up.length / rank
    if (pair.up.shape[1] !== pair.down.shape[0]) {
      throw unsuitable(path, `${module} with halves of one rank`, `${pair.down.shape[0]} and ${pair.up.shape[1]}`)
    }
    const [fileRank, fileWidth, fileOut] = [rankOf(pair), pair.down.shape[1]!, pair.up.shape[0]!]
    if (fileWidth !== width || fileOut !== out) {
      throw unsuitable(path, `${module} of ${width} → ${out}`, `${fileWidth} → ${fileOut}`)
    }
    const factors = await readFactors(pair, scales.get(module)! / scale)
    const ranks = ranksInUse(factors, { fileRank, width, out })
    if (ranks.length > rank) {
      throw unsuitable(path, `${module} of the rank that learns, ${rank}, at most`, `rank ${ranks.length}`)
    }
    for (const [r, from] of ranks.entries()) {
      down.set(factors.down.subarray(from * width, (from + 1) * width), r * width)
      for (let o = 0; o < out; o++) up[o * rank + r] = factors.scale * factors.up[o * fileRank + from]!
    }
  }
  for (const [name, table] of tablesOf(lora)) {
    const value = values.get(name)
    if (!value || !table) continue
    const data = await toFloat32(table)
    if (data.length !== value.length) throw unsuitable(path, `${name} of ${value.length} values`, `${data.length}`)
    value.set(data)
  }
  return values
}

/**
 * Ranks that change anything. Files pad with zeros, and where q, k and v share a down matrix each has zeros in up for the rows of
 * the other two. A row that is zero on both sides would never learn: the model's own stay in its place.
 */
function ranksInUse(
  { down, up }: { readonly down: Float32Array; readonly up: Float32Array },
  { fileRank, width, out }: { fileRank: number; width: number; out: number },
): number[] {
  const isUsed = (r: number): boolean => {
    const hasDown = down.subarray(r * width, (r + 1) * width).some((value) => value !== 0)
    return hasDown && Array.from({ length: out }, (_, o) => up[o * fileRank + r]).some((value) => value !== 0)
  }
  return Array.from({ length: fileRank }, (_, r) => r).filter(isUsed)
}

/** DreamO's ten placeholder words of a LoRA file, [10, T5 width]; undefined where it has none. */
export async function placeholderRowsIn(path: string): Promise<Float32Array | undefined> {
  const words = new Map(tablesOf(await openLora(path))).get(placeholderEmbedding)
  return words && toFloat32(words)
}

function tablesOf({ embeddings: { task, idx, t5 } }: Lora): [string, WeightView | undefined][] {
  const words = t5 && rows(t5, t5.shape[0]! - PLACEHOLDER_TOKENS.length, t5.shape[0]!)
  return [
    [taskEmbedding, task],
    [indexEmbedding, idx],
    [placeholderEmbedding, words],
  ]
}

const unsuitable = (path: string, rule: string, got: string): TrainError =>
  new TrainError('train/model-unsuitable', `${path}: expected ${rule}, got ${got}`)
