// The places, by the phrase that captions use.
import { city, kitchen, room } from './built.js'
import { beach, desert, meadow, snow } from './outdoors.js'
import type { PlacePainter } from './paint.js'
import { forest, night, sea } from './wild.js'

const painters = { beach, forest, city, room, snow, desert, night, kitchen, sea, meadow } satisfies Record<
  string,
  PlacePainter
>

export type Place = keyof typeof painters
export const placeNames = Object.keys(painters) as Place[]

export const placePhrases: Record<Place, string> = {
  beach: 'on the beach',
  forest: 'in the forest',
  city: 'in the city',
  room: 'in a room',
  snow: 'in the snow',
  desert: 'in the desert',
  night: 'under the night sky',
  kitchen: 'in the kitchen',
  sea: 'under the sea',
  meadow: 'on a meadow',
}

export const drawPlace = (place: Place, ...painting: Parameters<PlacePainter>): void => painters[place](...painting)
