// Joins layers from back to front, and reads from their alpha which pixels each of them changes.
import type { Mask, Picture } from './picture.js'
import type { Finish } from './styles/finishes.js'
import type { Layer } from './styles/layer-filters.js'

/** What can be masked or left out: which part of an actor, and the actor's number in the scene. */
export type Owner = `${'thing' | 'face' | 'garment'}-${number}`

export interface NamedLayer {
  readonly layer: Layer
  /** Absent: no mask is wanted. */
  readonly owner?: Owner
}

export interface JoinedLayers {
  readonly picture: Picture
  /** Of every thing, face and garment: 255 where it changes the picture, else 0. */
  readonly masks: ReadonlyMap<Owner, Mask>
}

/**
 * Paints layers over white, back to front. A mask is 255 exactly where its layer is not wholly transparent and nothing
 * wholly opaque lies before it; so every pixel outside it would be the same without the layer, to the bit.
 */
export function joinLayers(layers: readonly NamedLayer[], finish: Finish | undefined, seed: number): JoinedLayers {
  const { width, height } = layers[0]!.layer
  const data = new Uint8Array(width * height * 3).fill(255)
  for (const { layer } of layers) paintOver(data, layer.data)
  if (finish !== undefined) finishAll(data, width, finish, seed)
  return { picture: { width, height, data }, masks: masksOf(layers, width, height) }
}

/** Source-over with straight alpha. */
function paintOver(data: Uint8Array, layer: Uint8ClampedArray): void {
  for (let from = 0, to = 0; from < layer.length; from += 4, to += 3) {
    const alpha = layer[from + 3]!
    if (alpha === 0) continue
    for (let c = 0; c < 3; c++) {
      data[to + c] = Math.round((layer[from + c]! * alpha + data[to + c]! * (255 - alpha)) / 255)
    }
  }
}

function finishAll(data: Uint8Array, width: number, finish: Finish, seed: number): void {
  for (let at = 0, pixel = 0; at < data.length; at += 3, pixel++) {
    const colour = finish([data[at]!, data[at + 1]!, data[at + 2]!], pixel % width, Math.floor(pixel / width), seed)
    for (let c = 0; c < 3; c++) data[at + c] = Math.max(0, Math.min(255, Math.round(colour[c]!)))
  }
}

function masksOf(layers: readonly NamedLayer[], width: number, height: number): Map<Owner, Mask> {
  const masks = new Map<Owner, Mask>()
  const hidden = new Uint8Array(width * height)
  for (const { layer, owner } of [...layers].reverse()) {
    const mask = owner === undefined ? undefined : new Uint8Array(width * height)
    for (let pixel = 0; pixel < hidden.length; pixel++) {
      const alpha = layer.data[pixel * 4 + 3]!
      if (mask !== undefined && alpha > 0 && hidden[pixel] === 0) mask[pixel] = 255
      if (alpha === 255) hidden[pixel] = 1
    }
    if (owner !== undefined && mask !== undefined) masks.set(owner, { width, height, data: mask })
  }
  return masks
}
