// What people see of a picture while it is sampled: itself as the model foresees it, and where each reference responds.
import {
  type DenoiseStep,
  foreseen,
  type LatentShape,
  latentPicture,
  layerGroups,
  layersOf,
  type Model,
  type Responses,
  routingMaps,
  unpackLatents,
} from '@dreamgraph/dreamo'
import type { NodeContext } from '@dreamgraph/graph'
import { type Routing, routingOf } from './routing.js'

export interface StepPreviews {
  /** Whether the next step should tell where references respond. */
  readonly wantsResponses: () => boolean
  /** Sends what is looked at, and makes nothing else. */
  readonly show: (step: DenoiseStep) => Promise<void>
}

/**
 * Previews of each step: `latent` always; `picture`, `routing` (over all layers) and `routing-layers` (by `group` of layers)
 * where somebody looks. Records: docs/dreamo.md.
 */
export function stepPreviews(model: Model, shape: LatentShape, ctx: NodeContext): StepPreviews {
  const { channels, height, width } = shape
  let hasPictures = true

  const showPicture = async ({ step, steps, latents, direction, sigma }: DenoiseStep): Promise<void> => {
    const data = unpackLatents(foreseen(latents, direction, sigma), shape)
    try {
      const image = await latentPicture(model, { channels, height, width, data }, { signal: ctx.signal })
      ctx.preview({ kind: 'picture', step, steps, image })
    } catch (error) {
      if (ctx.signal.aborted) throw error
      hasPictures = false // too little memory, most likely: a look is not worth a run
    }
  }
  const showRouting = (
    { step, steps }: DenoiseStep,
    routing: Routing,
    about: { kind: string; group?: string },
  ): void => {
    const { rows, columns, maps } = routing
    for (const map of maps) ctx.preview({ ...about, step, steps, rows, columns, ...map })
  }
  return {
    wantsResponses: () => ctx.wantsPreview('routing') || ctx.wantsPreview('routing-layers'),
    async show(step) {
      const data = unpackLatents(step.latents, shape)
      ctx.preview({ kind: 'latent', step: step.step, sigma: step.sigma, latent: { channels, height, width, data } })
      if (hasPictures && ctx.wantsPreview('picture')) await showPicture(step)
      const { responses } = step
      if (!responses) return
      if (ctx.wantsPreview('routing')) showRouting(step, readRouting(responses), { kind: 'routing' })
      if (!ctx.wantsPreview('routing-layers')) return
      for (const group of layerGroups) {
        const routing = routingOf(responses.grid, routingMaps(responses, layersOf(group, responses.layers)))
        showRouting(step, routing, { kind: 'routing-layers', group })
      }
    },
  }
}

const readRouting = (responses: Responses): Routing => routingOf(responses.grid, routingMaps(responses))
