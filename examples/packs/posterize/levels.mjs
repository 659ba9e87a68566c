/** For each byte, the nearest of `levels` brightnesses from 0 to 255. */
export function levelTable(levels) {
  const steps = levels - 1
  return Uint8Array.from({ length: 256 }, (_, value) => Math.round((Math.round((value / 255) * steps) / steps) * 255))
}
