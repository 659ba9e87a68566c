/** Pictures of the played runs: results of the small model, and how one emerges from noise. */

const results = Object.values(
  import.meta.glob<string>('./results/*.png', { query: '?url', import: 'default', eager: true }),
)

const side = 128

/** A result, as it stands after a share of the steps; PNG. */
export async function paintPreview(share: number, seed: number): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(side, side)
  const context = canvas.getContext('2d')!
  const picture = await load(results[seed % results.length]!)
  context.filter = `blur(${Math.round((1 - share) * 10)}px)`
  context.drawImage(picture, 0, 0, side, side)
  context.filter = 'none'
  if (share < 1) {
    const noise = context.getImageData(0, 0, side, side)
    const strength = (1 - share) ** 1.5 * 220
    let state = seed + 1
    for (let at = 0; at < noise.data.length; at++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      if (at % 4 !== 3) noise.data[at] = noise.data[at]! + ((state >>> 24) / 255 - 0.5) * strength
    }
    context.putImageData(noise, 0, 0)
  }
  return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer())
}

/** A reference as the small model gets it: on white, 64 × 64. */
export async function paintPrepared(url: string): Promise<Uint8Array> {
  const image = new Image()
  image.src = url
  await image.decode()
  const canvas = new OffscreenCanvas(64, 64)
  const context = canvas.getContext('2d')!
  const scale = Math.min(64 / image.naturalWidth, 64 / image.naturalHeight)
  const [w, h] = [image.naturalWidth * scale, image.naturalHeight * scale]
  context.fillStyle = '#fff'
  context.fillRect(0, 0, 64, 64)
  context.drawImage(image, (64 - w) / 2, (64 - h) / 2, w, h)
  return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer())
}

/** Where a reference looks: a spot that gets sharper. 32 × 32 cells of one byte. */
export function routingCells(index: number, count: number, share: number): Uint8Array {
  const cells = new Uint8Array(32 * 32)
  const center = count === 1 ? 16 : 8 + (index * 17) / Math.max(1, count - 1)
  const width = 14 - 9 * share
  for (let y = 0; y < 32; y++) {
    for (let x = 0; x < 32; x++) {
      const far = Math.hypot((x - center) * 1.1, y - 18) / width
      cells[y * 32 + x] = Math.round(255 * Math.exp(-far * far))
    }
  }
  return cells
}

const loaded = new Map<string, Promise<ImageBitmap>>()

function load(url: string): Promise<ImageBitmap> {
  const known = loaded.get(url) ?? fetch(url).then(async (answer) => createImageBitmap(await answer.blob()))
  loaded.set(url, known)
  return known
}
