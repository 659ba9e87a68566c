// The FLUX transformer: one evaluation of the velocity field. DreamO adds one thing: a learned row on every token
// behind the input projection, which tells image tokens from references and references from each other.
import { add, concat, recomputed, silu, type Tensor, waitingFor } from '@dreamgraph/onnx'
import type { FluxConfig } from '../configs.js'
import { headsProbe, type LayerHeads, type Span } from '../losses/attention-heads.js'
import { linearLayer, type Parameters, within } from '../parameters.js'
import { noProbe, type Probe } from '../probe.js'
import { type BlockOptions, type Rotary, tokensAt } from './attention.js'
import { doubleBlock, type Streams } from './double-block.js'
import { embedVector, type VectorInputs } from './embedders.js'
import { fromVec, type Modulate, modulatedNorm, ofOutput } from './modulation.js'
import { fromTable } from './modulation-table.js'
import { singleBlock } from './single-block.js'

/** What all tokens are conditioned on: time, guidance and pooled prompt, or what was computed of them before, see modulationTable. */
export type Conditions = (VectorInputs & { readonly modulations?: undefined }) | { readonly modulations: Tensor }

export type TransformerInputs = Conditions & TokenInputs

export interface TokenInputs {
  /** Packed latents of the image, then of each reference, [B, N, inChannels]. */
  readonly latents: Tensor
  /** T5 embeddings, [B, T, jointDim]. */
  readonly text: Tensor
  /** DreamO's task and index rows, [1 or B, N, hidden]; absent in plain FLUX and in the negative branch of true CFG. */
  readonly rows?: Tensor
  /** Rotary table of T + N positions. */
  readonly rotary: Rotary
}

export interface TransformerOptions {
  /** Image tokens to predict for; all unless told. */
  readonly keepTokens?: number
  readonly probe?: Probe
  /**
   * Reads something small off each block's queries and keys, in running order. The next block waits for it: a runtime
   * may put off what nothing waits for, and would keep the queries and keys of all blocks until the end.
   */
  readonly read?: (heads: LayerHeads) => Tensor
  /** Training: the backward pass computes each block again instead of keeping what is inside it. */
  readonly recompute?: boolean
}

/**
 * Predicts the velocity of the first `keepTokens` image tokens: → [B, keepTokens, outChannels].
 * Source: Black Forest Labs' FLUX.1 as in diffusers' FluxTransformer2DModel; DreamO (arXiv 2504.16915), section 3.
 */
export function transformer(
  p: Parameters,
  config: FluxConfig,
  inputs: TransformerInputs,
  { keepTokens = inputs.latents.shape[1], probe = noProbe, read, recompute = false }: TransformerOptions = {},
): Tensor {
  const { txt, img, cond: shared } = enter(p, config, inputs, probe)
  let cond = shared
  const { rotary } = inputs
  const modulate = modulateOf(config, inputs)
  const heads = headsProbe()
  const probeBlock: Probe = (name, tensor) => {
    heads.probe(name, tensor)
    probe(name, tensor)
  }
  const run: RunBlock = (tensors, block) => {
    const outputs = (recompute ? inRegion : atOnce)([...tensors, cond], probeBlock, block)
    // Every block starts from cond, so what that waits for is done before the next one.
    if (read) cond = waitingFor([read(heads.layers().at(-1)!)], cond)
    return outputs
  }
  const image: Span = { start: txt.shape[1], count: keepTokens }
  const isProbed = probe !== noProbe // who looks into the last block sees all of it
  const blocks = { rotary, modulate, run, kept: isProbed ? undefined : image }
  const x = throughBlocks(p, config, { txt, img }, blocks)
  return leave(p, config, isProbed ? tokensAt(x, image) : x, { cond, modulate, probe })
}

/** Tokens and conditions as the blocks take them. */
export interface Entered extends Streams {
  /** vec through SiLU, [B, hidden], or the table of modulations. */
  readonly cond: Tensor
}

/** How blocks come by their modulations under these inputs. */
export const modulateOf = (config: FluxConfig, { modulations }: { modulations?: Tensor }): Modulate =>
  modulations ? fromTable(config) : fromVec

/** What comes before the blocks. */
export function enter(p: Parameters, config: FluxConfig, inputs: TransformerInputs, probe: Probe = noProbe): Entered {
  const cond = inputs.modulations ?? activeVec(p, config, inputs, probe)
  const txt = linearLayer(p, 'context_embedder', inputs.text, config.hiddenSize)
  const projected = linearLayer(p, 'x_embedder', inputs.latents, config.hiddenSize)
  const img = inputs.rows ? add(projected, inputs.rows) : projected
  probe('context_embedder', txt)
  probe('x_embedder', projected)
  probe('tokens_in', img)
  return { txt, img, cond }
}

function activeVec(p: Parameters, config: FluxConfig, inputs: VectorInputs, probe: Probe): Tensor {
  const temb = embedVector(p, config, inputs, probe)
  probe('temb', temb)
  return silu(temb)
}

/** Runs one block on tensors, to which it adds cond as the last. */
type RunBlock = (tensors: readonly Tensor[], block: Block) => readonly Tensor[]

/** What all blocks are told. */
interface Blocks {
  readonly rotary: Rotary
  readonly modulate: Modulate
  readonly run: RunBlock
}

/** The double block of this number on both streams. */
export function oneDoubleBlock(
  p: Parameters,
  config: FluxConfig,
  streams: Streams,
  { index, run, ...around }: Blocks & { index: number },
): Streams {
  const scope = within(p, `transformer_blocks.${index}`)
  const [txt, img] = run([streams.txt, streams.img], ([txtIn, imgIn, cond], probe) => {
    const name = `double${index}`
    const out = doubleBlock(scope, config, { txt: txtIn, img: imgIn }, { cond, ...around, probe, name })
    return [out.txt, out.img]
  })
  return { txt, img }
}

/**
 * All blocks from double block `from` on: → [B, T + N, hidden], text first. With `kept`, a stretch of that axis, this alone: the
 * last block then computes nothing else.
 */
export function throughBlocks(
  p: Parameters,
  config: FluxConfig,
  { txt, img }: Streams,
  { run, from = 0, rotary, modulate, kept }: Blocks & { from?: number; kept?: Span },
): Tensor {
  let streams: Streams = { txt, img }
  for (let index = from; index < config.numLayers; index++)
    streams = oneDoubleBlock(p, config, streams, { index, run, rotary, modulate })
  let x = concat([streams.txt, streams.img], { axis: 1 })
  const last = config.numSingleLayers - 1
  for (let i = 0; i <= last; i++) {
    const scope = within(p, `single_transformer_blocks.${i}`)
    const own = { rotary, modulate, name: `single${i}`, kept: i === last ? kept : undefined }
    ;[x] = run([x], ([xIn, cond], probe) => [singleBlock(scope, config, xIn, { cond, ...own, probe })])
  }
  return kept && last < 0 ? tokensAt(x, kept) : x
}

interface LeaveOptions extends Pick<BlockOptions, 'cond' | 'modulate'> {
  readonly probe?: Probe
}

/** What comes behind the blocks: the kept tokens [B, n, hidden] → velocity [B, n, outChannels]. */
export function leave(
  p: Parameters,
  config: FluxConfig,
  kept: Tensor,
  { cond, modulate, probe = noProbe }: LeaveOptions,
): Tensor {
  const [factor, shift] = modulate(p, ofOutput, cond)
  const normal = modulatedNorm(kept, shift, factor)
  probe('norm_out', normal)
  return linearLayer(p, 'proj_out', normal, config.outChannels)
}

type Block = (inputs: readonly Tensor[], probe: Probe) => readonly Tensor[]

const atOnce = (inputs: readonly Tensor[], probe: Probe, block: Block): readonly Tensor[] => block(inputs, probe)

/** Runs a block as a region that is computed again; what it probes leaves as further outputs, so that losses may use it. */
function inRegion(inputs: readonly Tensor[], probe: Probe, block: Block): readonly Tensor[] {
  let [names, count]: [string[], number] = [[], 0]
  const outputs = recomputed(inputs, (tensors) => {
    const probed: [string, Tensor][] = []
    const results = block(tensors, (name, tensor) => void probed.push([name, tensor]))
    names = probed.map(([name]) => name)
    count = results.length
    return [...results, ...probed.map(([, tensor]) => tensor)]
  })
  names.forEach((name, i) => {
    probe(name, outputs[count + i])
  })
  return outputs.slice(0, count)
}
