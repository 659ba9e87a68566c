/** Routing maps as pictures: where each reference responds, and how much of that it shares with others. */
import type { RoutingMap } from '../run/run-state.js'
import { slotColor } from './references.js'

/** What the server's groups of layers are. */
export const groupNames: Readonly<Record<string, string>> = {
  early: 'first third',
  middle: 'middle third',
  late: 'last third',
}

export const stepsOf = (maps: readonly RoutingMap[]): number[] =>
  [...new Set(maps.flatMap(({ step }) => (step === undefined ? [] : [step])))].sort((a, b) => a - b)

/** Groups of layers that maps have come of, from the first layers to the last. */
export const groupsOf = (maps: readonly RoutingMap[]): string[] => {
  const found = new Set(maps.map(({ group }) => group))
  return Object.keys(groupNames).filter((name) => found.has(name))
}

/** Maps of one step, of a group of layers or of the mean over all, by reference. */
export const mapsAt = (
  maps: readonly RoutingMap[],
  step: number | undefined,
  group: string | undefined,
): RoutingMap[] =>
  maps.filter((map) => map.step === step && map.group === group).sort((a, b) => a.reference - b.reference)

/** Share of a reference's response that lies where another responds as well, 0 … 1: as measured, or else of the maps. */
export function leakage(map: RoutingMap, all: readonly RoutingMap[]): number {
  if (map.leakage !== undefined) return map.leakage
  const others = all.filter((other) => other !== map && other.cells.length === map.cells.length)
  let sum = 0
  let shared = 0
  map.cells.forEach((cell, at) => {
    sum += cell
    shared += Math.min(cell, Math.max(0, ...others.map(({ cells }) => cells[at]!)))
  })
  return sum === 0 ? 0 : shared / sum
}

/** Maps shown together in words, for who cannot see them. */
export const described = (maps: readonly RoutingMap[]): string =>
  maps.map((map) => `reference ${map.reference}: ${percent(leakage(map, maps))} shared`).join('; ') ||
  'no map yet of this step and these layers'

export const percent = (share: number): string => `${Math.round(share * 100)} %`

/** Paints maps over a picture; cells of one byte become the opacity of the reference's colour. */
export function paintRouting(
  context: CanvasRenderingContext2D,
  maps: readonly RoutingMap[],
  { picture, strength }: { picture?: CanvasImageSource; strength: number },
): void {
  const { width, height } = context.canvas
  context.clearRect(0, 0, width, height)
  if (picture) context.drawImage(picture, 0, 0, width, height)
  for (const map of maps) {
    const layer = new OffscreenCanvas(map.width, map.height)
    const inner = layer.getContext('2d')!
    const image = inner.createImageData(map.width, map.height)
    const [red, green, blue] = channels(slotColor(map.reference))
    map.cells.forEach((cell, at) => {
      image.data.set([red, green, blue, cell * strength], at * 4)
    })
    inner.putImageData(image, 0, 0)
    context.imageSmoothingEnabled = true
    context.drawImage(layer, 0, 0, width, height)
  }
}

function channels(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}
