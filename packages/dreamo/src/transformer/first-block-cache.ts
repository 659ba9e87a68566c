// The transformer in three graphs, for steps that repeat the work of the one before. What the first block adds to the
// picture's tokens tells how much the rest will have changed; where that is little, the rest's addition is taken again.
// Idea: first-block caching of ParaAttention, after TeaCache (arXiv 2411.19108).
import { abs, add, constant, div, input, slice, sub, sum, type Tensor } from '@dreamgraph/onnx'
import type { FluxConfig } from '../configs.js'
import type { Parameters } from '../parameters.js'
import { noProbe } from '../probe.js'
import type { Rotary } from './attention.js'
import { fromTable } from './modulation-table.js'
import { enter, leave, modulateOf, oneDoubleBlock, type TransformerInputs, throughBlocks } from './transformer.js'

/** Shapes that the graphs have in common. */
export interface CacheShapes {
  /** Image tokens. */
  readonly keepTokens: number
  /** Tokens of image and references. */
  readonly tokens: number
  readonly textTokens: number
}

/** Names of the values that go from graph to graph, and from step to step. */
export const cached = {
  /** Of this step: streams behind the first block. */
  txt: 'cached txt',
  img: 'cached img',
  /** Of the last step that was computed in full: what the first block added to the image's tokens, and all others. */
  previous: 'cached previous',
  rest: 'cached rest',
} as const

/**
 * Everything up to the first block, and `change`: mean |first − previous| over mean |previous|, a scalar [1, 1, 1].
 * Outputs txt, img, first and change.
 */
export function firstBlock(
  p: Parameters,
  config: FluxConfig,
  inputs: TransformerInputs,
  keepTokens: number,
): Record<'txt' | 'img' | 'first' | 'change', Tensor> {
  const { txt, img, cond } = enter(p, config, inputs)
  const around = { rotary: inputs.rotary, modulate: modulateOf(config, inputs), run: runWith(cond) }
  const after = oneDoubleBlock(p, config, { txt, img }, { index: 0, ...around })
  const ofImage = (x: Tensor): Tensor => slice(x, { axis: 1, from: 0, to: keepTokens })
  const first = sub(ofImage(after.img), ofImage(img)) // [1, keepTokens, hidden]
  const previous = input(cached.previous, first.shape)
  const size = (x: Tensor): Tensor => sum(abs(x), { axes: [0, 1, 2] })
  // Before the first full step `previous` is zeros: any change is a great one.
  const change = div(size(sub(first, previous)), add(size(previous), constant(1e-12)))
  return { ...after, first, change }
}

/** The other blocks: velocity, and what they added to the image's tokens. */
export function otherBlocks(
  p: Parameters,
  config: FluxConfig,
  { rotary, modulations, shapes }: { rotary: Rotary; modulations: Tensor; shapes: CacheShapes },
): Record<'velocity' | 'rest', Tensor> {
  const { keepTokens, tokens, textTokens } = shapes
  const img = input(cached.img, [1, tokens, config.hiddenSize])
  const txt = input(cached.txt, [1, textTokens, config.hiddenSize])
  const image = { start: textTokens, count: keepTokens }
  const around = { rotary, modulate: fromTable(config), run: runWith(modulations) }
  const kept = throughBlocks(p, config, { txt, img }, { ...around, from: 1, kept: image })
  const rest = sub(kept, slice(img, { axis: 1, from: 0, to: keepTokens }))
  return { velocity: leave(p, config, kept, { cond: modulations, modulate: fromTable(config) }), rest }
}

/** In place of the other blocks: what they added in the last step that ran them. */
export function restAgain(
  p: Parameters,
  config: FluxConfig,
  { modulations, shapes: { keepTokens, tokens } }: { modulations: Tensor; shapes: CacheShapes },
): { velocity: Tensor } {
  const img = input(cached.img, [1, tokens, config.hiddenSize])
  const rest = input(cached.rest, [1, keepTokens, config.hiddenSize])
  const kept = add(slice(img, { axis: 1, from: 0, to: keepTokens }), rest)
  return { velocity: leave(p, config, kept, { cond: modulations, modulate: fromTable(config) }) }
}

const runWith =
  (cond: Tensor) =>
  (tensors: readonly Tensor[], block: (inputs: readonly Tensor[], probe: typeof noProbe) => readonly Tensor[]) =>
    block([...tensors, cond], noProbe)
