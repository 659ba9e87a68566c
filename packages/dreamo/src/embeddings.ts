// DreamO's learned rows: which task a token serves, which reference it belongs to, and what a placeholder word means.
import { type DreamoEmbeddings as EmbeddingViews, rows, toFloat32, type WeightView } from '@dreamgraph/weights'
import { DreamoError } from './errors.js'
import { PLACEHOLDER_TOKENS } from './placeholders.js'
import { MAX_REFERENCES } from './references.js'

export interface DreamoEmbeddings {
  /** Row 1 for tokens of the picture being made, row 0 for those of a reference: [2, hidden] f32. */
  readonly task: Float32Array
  /** Row i for the reference in slot i: [10, hidden] f32. */
  readonly index: Float32Array
  /** The last ten rows of the stored T5 table: [10, T5 width]. */
  readonly placeholderRows: WeightView
}

/**
 * Reads the embeddings that a file brings and checks them against the model; undefined when it brings none.
 * Throws dreamo/embeddings-invalid.
 */
export async function readEmbeddings(
  { task, idx, t5 }: EmbeddingViews,
  { hiddenSize, t5Width, where }: { hiddenSize: number; t5Width: number; where: string },
): Promise<DreamoEmbeddings | undefined> {
  if (!task && !idx && !t5) return undefined
  const check = (name: string, view: WeightView | undefined, minRows: number, width: number): WeightView => {
    if (view?.shape.length === 2 && view.shape[0] >= minRows && view.shape[1] === width) return view
    const rule = `${name} of [${minRows} or more, ${width}]`
    const got = view ? `[${view.shape}]` : 'none'
    throw new DreamoError('dreamo/embeddings-invalid', `${where}: expected ${rule}, got ${got}`)
  }
  const placeholders = PLACEHOLDER_TOKENS.length
  const words = check('T5 placeholder rows', t5, placeholders, t5Width)
  return {
    task: await toFloat32(check('a task embedding', task, 2, hiddenSize)),
    index: await toFloat32(check('an index embedding', idx, MAX_REFERENCES + 1, hiddenSize)),
    placeholderRows: rows(words, words.shape[0] - placeholders, words.shape[0]),
  }
}

/**
 * The row that each segment of the sequence gets behind the input projection: [1 + slots, hidden] f32.
 * Image: task row 1. A reference in slot i: task row 0 + index row i. Source: DreamO, section 3.2.
 */
export function segmentRows(
  { task, index }: Pick<DreamoEmbeddings, 'task' | 'index'>,
  slots: readonly number[],
  hidden: number,
): Float32Array {
  const segments = new Float32Array((1 + slots.length) * hidden)
  segments.set(task.subarray(hidden, 2 * hidden))
  slots.forEach((slot, i) => {
    const at = (1 + i) * hidden
    for (let c = 0; c < hidden; c++) segments[at + c] = task[c] + index[slot * hidden + c]
  })
  return segments
}
