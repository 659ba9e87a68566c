// The sampler: noise becomes latents by following the velocity field from sigma 1 to 0 under text and references.
import { concat, constantInt64, gather, input, type Tensor } from '@dreamgraph/onnx'
import type { Session, TensorData } from '@dreamgraph/runtime'
import { segmentRows } from './embeddings.js'
import type { EncodedReference } from './encode-reference.js'
import type { EncodedText } from './encode-text.js'
import { DreamoError } from './errors.js'
import { positionIds, sequenceIds, type TokenGrid } from './latents.js'
import type { Model } from './model.js'
import { parametersOf } from './parameters.js'
import { orderReferences } from './references.js'
import { ropeTable } from './rope.js'
import { eulerStep, schedule } from './scheduler.js'
import { SINUSOID_WIDTH, sinusoid } from './sinusoid.js'
import { transformer } from './transformer/transformer.js'

export interface TrueCfg {
  readonly negative: EncodedText
  /** v = negative + scale·(positive − negative); nothing is done at 1 and below. */
  readonly scale: number
  /** First step with the negative branch, from 0. */
  readonly startStep: number
  /** First step without it again. */
  readonly endStep: number
  /** Guidance embedding of the negative branch. */
  readonly guidance: number
}

export interface DenoiseRequest {
  /** Packed noise of the picture, [tokens, inChannels] f32. */
  readonly noise: Float32Array
  readonly grid: TokenGrid
  readonly text: EncodedText
  readonly references: readonly EncodedReference[]
  readonly steps: number
  /** Distilled guidance; ignored by models without a guidance embedding. */
  readonly guidance: number
  /** Guidance of the first step; that of the others unless told. */
  readonly firstStepGuidance?: number
  readonly trueCfg?: TrueCfg
  readonly signal?: AbortSignal
  /** After each step; the arrays must not be changed. */
  readonly onStep?: (step: DenoiseStep) => void
}

export interface DenoiseStep {
  /** From 1. */
  readonly step: number
  readonly steps: number
  /** Packed latents after the step. */
  readonly latents: Float32Array
  /** Velocity of the positive branch, and of the negative one where it ran. */
  readonly velocity: Float32Array
  readonly negativeVelocity?: Float32Array
  readonly sigma: number
}

/**
 * Denoises packed latents: [tokens, inChannels] f32 → same. FlowMatch Euler; the same request gives the same bytes.
 * Throws dreamo/steps-invalid, dreamo/sampling-invalid, dreamo/embeddings-missing.
 */
export async function denoise(model: Model, request: DenoiseRequest): Promise<Float32Array> {
  const { grid, steps, guidance, trueCfg, signal, onStep } = request
  checkRequest(model, request)
  const { sigmas, modelTimesteps } = schedule(model.scheduler, { steps, imageTokens: grid.rows * grid.columns })
  const positive = await velocityField(model, grid, request.text, orderReferences(request.references), true)
  const negative = trueCfg && (await velocityField(model, grid, trueCfg.negative, [], false))

  let latents = request.noise
  for (let i = 0; i < steps; i++) {
    const at = { latents, sigma: modelTimesteps[i], signal }
    const stepGuidance = i === 0 ? (request.firstStepGuidance ?? guidance) : guidance
    const velocity = await positive({ ...at, guidance: stepGuidance })
    const guided = trueCfg && trueCfg.scale > 1 && i >= trueCfg.startStep && i < trueCfg.endStep
    const negativeVelocity = guided ? await negative!({ ...at, guidance: trueCfg.guidance }) : undefined
    const direction = negativeVelocity ? mixTrueCfg(velocity, negativeVelocity, trueCfg!.scale) : velocity
    latents = eulerStep(latents, direction, { sigma: sigmas[i], sigmaNext: sigmas[i + 1] })
    onStep?.({ step: i + 1, steps, latents, velocity, negativeVelocity, sigma: sigmas[i + 1] })
  }
  return latents
}

type VelocityField = (at: {
  latents: Float32Array
  sigma: number
  guidance: number
  signal?: AbortSignal
}) => Promise<Float32Array>

/** The transformer for one set of conditions, as a function of the image latents, sigma and guidance. */
async function velocityField(
  model: Model,
  grid: TokenGrid,
  text: EncodedText,
  references: readonly EncodedReference[],
  isPositive: boolean,
): Promise<VelocityField> {
  const { config } = model.transformer
  const imageTokens = grid.rows * grid.columns
  // Plain FLUX and the negative branch of true CFG know no rows; without references the image still gets its row.
  const embeddings = isPositive ? model.embeddings : undefined
  const grids = references.map((reference) => reference.grid)
  const ids = sequenceIds(text.states.shape[1], positionIds(grid, grids))
  const { cos, sin } = halves(ropeTable(ids, config.axesDims))
  const feeds: Record<string, TensorData> = {
    text: text.states,
    pooled: text.pooled,
    cos,
    sin,
  }
  if (embeddings) {
    const slots = references.map(({ slot }) => slot)
    const segments = segmentRows(embeddings, slots, config.hiddenSize)
    feeds.segments = floats([1 + slots.length, config.hiddenSize], segments)
  }
  if (references.length > 0) {
    const tokens = references.reduce((n, reference) => n + reference.tokens.length, 0) / config.inChannels
    const packed = new Float32Array(tokens * config.inChannels)
    references.reduce((at, reference) => {
      packed.set(reference.tokens, at)
      return at + reference.tokens.length
    }, 0)
    feeds.references = floats([1, tokens, config.inChannels], packed)
  }
  const session = await openSession(model, feeds, [imageTokens, ...grids.map((g) => g.rows * g.columns)])

  return async ({ latents, sigma, guidance, signal }) => {
    const step: Record<string, TensorData> = {
      latents: floats([1, imageTokens, config.inChannels], latents),
      timestep: floats([1, SINUSOID_WIDTH], sinusoid([sigma])),
      ...(config.guidanceEmbeds ? { guidance: floats([1, SINUSOID_WIDTH], sinusoid([guidance])) } : {}),
    }
    return (await session.run({ ...feeds, ...step }, { signal })).velocity.data as Float32Array
  }
}

/** Builds the graph for these condition shapes. `lengths` are the tokens of the image and of each reference. */
function openSession(model: Model, feeds: Record<string, TensorData>, lengths: readonly number[]): Promise<Session> {
  const { config, weights } = model.transformer
  const [imageTokens] = lengths
  const of = (name: string): Tensor => input(name, feeds[name].shape)
  const vector = (name: string): Tensor => input(name, [1, SINUSOID_WIDTH])
  const image = input('latents', [1, imageTokens, config.inChannels])
  const segmentOf = lengths.flatMap((length, segment) => Array.from({ length }, () => segment))
  const inputs = {
    latents: feeds.references ? concat([image, of('references')], { axis: 1 }) : image,
    text: of('text'),
    pooled: of('pooled'),
    timestep: vector('timestep'),
    guidance: config.guidanceEmbeds ? vector('guidance') : undefined,
    rows: feeds.segments && gather(of('segments'), constantInt64(segmentOf)), // [N, hidden]
    rotary: { cos: of('cos'), sin: of('sin') },
  }
  const parameters = parametersOf(weights, { adapters: model.adapters, loraMode: model.loraMode })
  const velocity = transformer(parameters, config, inputs, { keepTokens: imageTokens })
  // Fused LoRA is summed up once while loading; mapped weights would be summed up again at every step.
  const placement = model.loraMode === 'fused' ? 'packed' : 'mapped'
  return model.sessions.of(`transformer, ${lengths.join('+')} tokens`, { velocity }, { weights: placement })
}

/** negative + scale·(positive − negative), float32 at each step. */
const mixTrueCfg = (positive: Float32Array, negative: Float32Array, scale: number): Float32Array =>
  positive.map((p, i) => negative[i] + Math.fround(scale * Math.fround(p - negative[i])))

/** The rotary kernel takes one value a pair; the table repeats it. */
function halves({ cos, sin, tokens, headDim }: ReturnType<typeof ropeTable>): { cos: TensorData; sin: TensorData } {
  const every2nd = (table: Float32Array): TensorData =>
    floats(
      [tokens, headDim / 2],
      Float32Array.from({ length: table.length / 2 }, (_, i) => table[2 * i]),
    )
  return { cos: every2nd(cos), sin: every2nd(sin) }
}

const floats = (shape: readonly number[], data: Float32Array): TensorData => ({ dtype: 'float32', shape, data })

function checkRequest(model: Model, request: DenoiseRequest): void {
  const { noise, grid, guidance, firstStepGuidance = guidance, references, trueCfg } = request
  const expected = grid.rows * grid.columns * model.transformer.config.inChannels
  if (noise.length !== expected) throw new Error(`internal: noise: expected ${expected} values, got ${noise.length}`)
  if (references.length > 0 && !model.embeddings) {
    throw new DreamoError(
      'dreamo/embeddings-missing',
      `references: expected a model with DreamO's embeddings (load dreamo.safetensors), got ${references.length} references for plain FLUX`,
    )
  }
  const numbers = {
    guidance,
    'first step guidance': firstStepGuidance,
    ...(trueCfg ? { 'true CFG scale': trueCfg.scale, 'negative guidance': trueCfg.guidance } : {}),
  }
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isFinite(value)) {
      throw new DreamoError('dreamo/sampling-invalid', `${name}: expected a finite number, got ${value}`)
    }
  }
}
