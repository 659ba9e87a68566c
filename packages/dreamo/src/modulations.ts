// Modulations of the sampler's steps, computed for many of them in one pass before the first.
import { input, type Tensor } from '@dreamgraph/onnx'
import type { Session, TensorData } from '@dreamgraph/runtime'
import type { FluxConfig } from './configs.js'
import { graphKey } from './graph-key.js'
import { joined } from './joined.js'
import type { Model } from './model.js'
import { runningWeights } from './quantize/running-weights.js'
import { SINUSOID_WIDTH, sinusoid } from './sinusoid.js'
import { modulationTable, tableWidth } from './transformer/modulation-table.js'

/** A noise level, and a guidance embedding. */
export interface ModulationPoint {
  readonly sigma: number
  readonly guidance: number
}

/**
 * Points of a pass: whatever of it is not asked for stays empty. One size, because a number of rows is a graph of its own, and
 * because then equal points give equal bytes.
 */
const pointsOfPass = 32
/**
 * Whether modulations are computed ahead. FLUX's weights for them are 3.2 billion, a quarter of all, and reading them takes a good part of
 * a step; a small model computes them in less time than it takes to send them.
 */
export const isAhead = (config: FluxConfig): boolean => tableWidth(config) * config.hiddenSize > 2 ** 29

export interface AheadOptions {
  /** Points that will be asked for later. */
  readonly ahead?: readonly ModulationPoint[]
  readonly signal?: AbortSignal
}

/** Most points that are kept for one prompt; a row of FLUX's takes 4 MB. */
const mostKept = 64

/** Prompts whose rows are kept: a prompt itself takes some MB, and may be kept by the hundred. */
const keptPrompts = 8

/** By model, its prompts with their rows, the latest at the end. */
const knownOf = new WeakMap<Model, Map<TensorData, Modulations>>()

/**
 * The modulations under a pooled prompt [1, pooledDim]. They last while it is among the latest prompts of its model: another seed
 * finds them computed, and pictures that are made together share them.
 */
export function modulationsOf(model: Model, pooled: TensorData): Modulations {
  const known = knownOf.get(model) ?? new Map<TensorData, Modulations>()
  knownOf.set(model, known)
  const modulations = known.get(pooled) ?? new Modulations(model, pooled)
  known.delete(pooled)
  known.set(pooled, modulations)
  const [oldest] = known.keys()
  if (known.size > keptPrompts) known.delete(oldest!)
  return modulations
}

export class Modulations {
  readonly #model: Model
  readonly #pooled: Float32Array
  readonly #known = new Map<string, Promise<TensorData>>()

  constructor(model: Model, pooled: TensorData) {
    this.#model = model
    this.#pooled = pooled.data as Float32Array
  }

  /** [1, tableWidth] at a point; those ahead come along in the same pass. */
  async at(point: ModulationPoint, { ahead = [], signal }: AheadOptions = {}): Promise<TensorData> {
    const key = keyOf(point)
    if (!this.#known.has(key)) {
      const points = new Map([point, ...ahead].map((one) => [keyOf(one), one]))
      for (const known of this.#known.keys()) points.delete(known)
      const computing = this.#compute([...points.values()], signal)
      ;[...points.keys()].forEach((one, i) => {
        const own = computing.then((rows) => rows[i])
        own.catch(() => this.#known.delete(one)) // the next one tries again
        this.#known.set(one, own)
      })
      for (const old of this.#known.keys()) {
        if (this.#known.size <= Math.max(mostKept, points.size)) break
        this.#known.delete(old)
      }
    }
    try {
      return await this.#known.get(key)!
    } catch (error) {
      // Who began the pass gave it up; who shared it still wants it.
      const isOthersCancel = (error as { code?: unknown }).code === 'runtime/cancelled' && !signal?.aborted
      if (isOthersCancel) return this.at(point, { ahead, signal })
      throw error
    }
  }

  async #compute(points: readonly ModulationPoint[], signal?: AbortSignal): Promise<TensorData[]> {
    const passes: Float32Array[] = []
    for (let from = 0; from < points.length; from += pointsOfPass) {
      passes.push(await tableOf(this.#model, this.#pooled, points.slice(from, from + pointsOfPass), signal))
    }
    const width = tableWidth(this.#model.transformer.config)
    const all = passes.length === 1 ? passes[0] : joined(passes)
    return points.map((_, i) => ({
      dtype: 'float32',
      shape: [1, width],
      data: all.slice(i * width, (i + 1) * width),
    }))
  }
}

const keyOf = ({ sigma, guidance }: ModulationPoint): string => `${sigma} ${guidance}`

/** Rows of the table, one behind the other; behind the last one come others that mean nothing. */
async function tableOf(
  model: Model,
  pooled: Float32Array,
  points: readonly ModulationPoint[],
  signal?: AbortSignal,
): Promise<Float32Array> {
  const { config } = model.transformer
  const all = Array.from({ length: pointsOfPass }, (_, i) => points[Math.min(i, points.length - 1)])
  const floats = (width: number, data: Float32Array): TensorData => ({
    ...{ dtype: 'float32', shape: [pointsOfPass, width], data },
  })
  const feeds = {
    timestep: floats(SINUSOID_WIDTH, sinusoid(all.map(({ sigma }) => sigma))),
    ...(config.guidanceEmbeds && {
      guidance: floats(SINUSOID_WIDTH, sinusoid(all.map(({ guidance }) => guidance))),
    }),
    pooled: floats(config.pooledDim, joined(all.map(() => pooled))),
  }
  const session = await openTable(model)
  try {
    const { table } = await session.run(feeds, { signal })
    return table.data as Float32Array
  } finally {
    if (isAhead(config)) await session.unload() // not asked for until the next picture
  }
}

function openTable(model: Model): Promise<Session> {
  const { config, weights } = model.transformer
  const of = (name: string, width: number): Tensor => input(name, [pointsOfPass, width])
  return model.sessions.built(weights, graphKey(model, 'modulations'), async () => {
    const { parameters, placement } = await runningWeights(model)
    const table = modulationTable(parameters, config, {
      timestep: of('timestep', SINUSOID_WIDTH),
      ...(config.guidanceEmbeds && { guidance: of('guidance', SINUSOID_WIDTH) }),
      pooled: of('pooled', config.pooledDim),
    })
    return model.sessions.of('transformer, modulations', { table }, { weights: placement })
  })
}
