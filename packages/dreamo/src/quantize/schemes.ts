// Which layers are quantized, and how: the one place where that is decided.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { isBlockDType, type WeightView } from '@dreamgraph/weights'

/**
 * fp16: for GPUs, products and attention in float16.
 * int8: whole numbers on both sides, a scale for each output channel and, at run time, each token; made for CPUs.
 * int8-block, int4-block: weights in blocks along their rows, each with a scale; of the latter values keep 8 bits.
 */
export const quantizeSchemes = ['fp16', 'int8', 'int8-block', 'int4-block'] as const
export type QuantizeScheme = (typeof quantizeSchemes)[number]

/** How a model's transformer is to be quantized, and where the files for it are kept. */
export interface Quantization {
  /** Absent: only what a GGUF file holds in blocks is laid out anew. */
  readonly scheme?: QuantizeScheme
  /** Folder with `quantized/` and the remembered digests of model files. Default: `defaultHome()`. */
  readonly home?: string
}

/** $DREAMGRAPH_HOME, else .dreamgraph in the user's folder. */
export const defaultHome = (): string => process.env.DREAMGRAPH_HOME ?? join(homedir(), '.dreamgraph')

/** What making files of weights listens to. */
export interface PrepareOptions {
  readonly signal?: AbortSignal
  /** Told of each tensor that is written, which happens once for each model, LoRA stack and scheme. */
  readonly onProgress?: (done: number, total: number, label: string) => void
}

/** How one layer is kept. `copied`: blocks of a GGUF file, laid out anew with the same numbers. */
export type LayerForm =
  | { readonly kind: 'half' }
  | { readonly kind: 'int8' }
  | { readonly kind: 'blocks'; readonly bits: 4 | 8; readonly block: number; readonly copied: boolean }

/**
 * The large products of the blocks, which are 9/10 of the time and 3/4 of the weights. Everything else keeps the precision
 * that it is stored in: modulation (norm*.linear) scales and shifts all that a block does, and costs nothing, since it is
 * one row; embedders and the final layer stand between the model and its inputs and outputs; norms are vectors.
 */
const quantizedModules =
  /^(single_)?transformer_blocks\.\d+\.(attn\.(to_[qkv]|add_[qkv]_proj|to_out\.0|to_add_out)|ff(_context)?\.net\.(0\.proj|2)|proj_mlp|proj_out)$/

/**
 * What attention sums up. At 4 bits their error, a twelfth of the weights, is as large as that of all the others
 * together: docs/performance.md.
 */
const values = /attn\.(to_v|add_v_proj)$/

/** Shorter blocks are more exact and slower: see docs/performance.md. The longest that divides a row is taken. */
const blockLengths = { 8: [128, 64, 32, 16], 4: [32, 16] } as const

/**
 * How the module of a weight [out, in] is kept under a scheme; undefined where it stays as it is. Without a scheme only
 * what lies in blocks changes: Q8_0 and Q4_0 are copied, other blocks become 8 bits, whose error is small beside theirs.
 */
export function layerForm(
  module: string,
  view: WeightView,
  { scheme, isFused }: { scheme: QuantizeScheme | undefined; isFused: boolean },
): LayerForm | undefined {
  const width = view.shape[1]!
  if (scheme && quantizedModules.test(module)) {
    if (scheme === 'fp16') return { kind: 'half' }
    if (scheme === 'int8') return { kind: 'int8' }
    const bits = scheme === 'int8-block' || values.test(module) ? 8 : 4
    const block = blockLengths[bits].find((length) => width % length === 0)
    if (block) return { kind: 'blocks', bits, block, copied: false }
  }
  if (!isBlockDType(view.dtype)) return undefined
  const copied = !isFused && (view.dtype === 'Q8_0' || view.dtype === 'Q4_0')
  return { kind: 'blocks', bits: copied && view.dtype === 'Q4_0' ? 4 : 8, block: 32, copied }
}
