// Where references respond: the maps that DreamO's routing loss shapes, held against the true masks.
import {
  encodePicture,
  gaussianNoise,
  type Model,
  orderReferences,
  packLatents,
  type RoutingMap,
  routingMaps,
  scaleNoise,
  velocityField,
} from '@dreamgraph/dreamo'
import { maskOfTokens } from '@dreamgraph/train'
import { type Conditions, targetLatents } from './paint.js'
import type { Prompt } from './prompts.js'

export interface RoutingOptions {
  /** Noise level at which the maps are taken, 0 (the drawn picture) to 1 (noise). */
  readonly sigma: number
  readonly guidance: number
  readonly seed: bigint
  readonly signal?: AbortSignal
}

/** How well a reference's map covers its subject. */
export interface RoutingScore {
  readonly id: string
  readonly task: Prompt['task']
  readonly slot: number
  /** 0..1 */
  readonly iou: number
}

/**
 * One forward pass over the drawn picture at a noise level; → for each reference that has a mask the IoU of its map with the
 * mask. A map is q·kᵀ/√d averaged over heads and over the reference's tokens (the raw map of the routing loss), stretched to
 * 0..1 layer by layer, averaged over layers, and cut halfway between its least and its greatest value: a threshold fixed
 * beforehand, not the best one of each picture. A token is of the mask from half of its 16 × 16 pixels on. Stands for the
 * response maps that DreamO shows in its figures, which it gives no number for. A random map has about the mask's own share.
 */
export async function routingScores(
  model: Model,
  { id, task, sample }: Prompt,
  conditions: Conditions,
  options: RoutingOptions,
): Promise<RoutingScore[]> {
  const masked = sample.references.filter(({ targetMask }) => targetMask)
  if (masked.length === 0) return []
  const maps = await mapsOf(model, sample.target, conditions, options)
  return masked.map(({ slot, targetMask }) => {
    const { map } = maps.find(({ reference }) => reference === slot)!
    const mask = maskOfTokens(targetMask!.data, targetLatents(model).grid)
    return { id, task, slot, iou: overlap(map, mask) }
  })
}

/** Share of the tokens in both among those in either; a map counts from halfway between its extremes on, a mask from ½. */
export function overlap(map: Float32Array, mask: Float32Array): number {
  const threshold = (Math.min(...map) + Math.max(...map)) / 2
  let [both, either] = [0, 0]
  for (const [i, value] of map.entries()) {
    const [responds, isMask] = [value >= threshold, mask[i] >= 0.5]
    both += Number(responds && isMask)
    either += Number(responds || isMask)
  }
  return both / either // the map's greatest value always counts
}

/** Maps over all layers, as people see them while a picture is sampled. */
async function mapsOf(
  model: Model,
  target: Prompt['sample']['target'],
  { text, references }: Conditions,
  { sigma, guidance, seed, signal }: RoutingOptions,
): Promise<RoutingMap[]> {
  const { shape, grid } = targetLatents(model)
  const latent = await encodePicture(model, { ...target, channels: 3 }, { signal })
  const noise = gaussianNoise(latent.data.length, { seed, stream: 'latent', index: 0 })
  const noised = scaleNoise(latent.data, noise, sigma)
  const field = velocityField(model, { grid, text, references: orderReferences(references), hasRows: true })
  const at = { latents: packLatents(noised, shape), sigma, guidance, withResponses: true, signal }
  return routingMaps((await field(at)).responses!)
}
