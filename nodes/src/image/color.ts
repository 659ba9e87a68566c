// Colours as people write them in params.
import { NodesError } from '../errors.js'

/** Red, green, blue, alpha; 0 … 255 each. */
export type Color = readonly [number, number, number, number]

/** Reads #rgb, #rrggbb or #rrggbbaa, with or without #. Throws nodes/color-invalid. */
export function parseColor(text: string, where: string): Color {
  const short = /^#?([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text.trim())
  if (short) return [hex(short[1]! + short[1]!), hex(short[2]! + short[2]!), hex(short[3]! + short[3]!), 255]
  const long = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})?$/i.exec(text.trim())
  if (long) return [hex(long[1]!), hex(long[2]!), hex(long[3]!), long[4] === undefined ? 255 : hex(long[4])]
  const rule = 'a colour such as #fff, #ffffff or #ffffff80'
  throw new NodesError('nodes/color-invalid', `${where}: expected ${rule}, got ${JSON.stringify(text)}`)
}

const hex = (digits: string): number => Number.parseInt(digits, 16)
