// Contact sheets: samples side by side in one PNG, so that a person can look at the data.
import { type Canvas, createCanvas, type SKRSContext2D } from '@napi-rs/canvas'
import { WorldError } from './errors.js'
import type { Mask, Picture } from './picture.js'
import type { Sample } from './sample.js'

export interface ContactSheetOptions {
  /** Samples in a row. Default: 3. */
  readonly columns?: number
}

const cellWidth = 424
const cellHeight = 206
const maxSamples = 1000

/**
 * Draws each sample as target, target with the masks of its references tinted, references in the order of their slots, and
 * caption. Returns PNG bytes. The captions use the machine's sans-serif font, so sheets may differ between machines.
 */
export function contactSheet(samples: readonly Sample[], { columns = 3 }: ContactSheetOptions = {}): Uint8Array {
  if (samples.length === 0 || samples.length > maxSamples || !Number.isSafeInteger(columns) || columns < 1) {
    throw new WorldError(
      'world/sheet-invalid',
      `contact sheet: expected 1 to ${maxSamples} samples in at least 1 column, got ${samples.length} in ${columns}`,
    )
  }
  const across = Math.min(columns, samples.length)
  const sheet = createCanvas(across * cellWidth, Math.ceil(samples.length / across) * cellHeight)
  const ctx = sheet.getContext('2d')
  ctx.fillStyle = '#ffffff'
  ctx.fillRect(0, 0, sheet.width, sheet.height)
  samples.forEach((sample, i) => {
    ctx.save()
    ctx.translate((i % across) * cellWidth, Math.floor(i / across) * cellHeight)
    drawCell(ctx, sample)
    ctx.restore()
  })
  return sheet.toBuffer('image/png')
}

function drawCell(ctx: SKRSContext2D, sample: Sample): void {
  ctx.drawImage(canvasOf(sample.target), 8, 8)
  ctx.drawImage(canvasOf(tinted(sample)), 144, 8)
  sample.references.forEach((reference, i) => {
    const [x, y] = [282 + i * 70, 24]
    ctx.drawImage(canvasOf(reference.picture), x, y)
    ctx.strokeStyle = '#b0b0b8'
    ctx.lineWidth = 1
    ctx.strokeRect(x - 0.5, y - 0.5, reference.picture.width + 1, reference.picture.height + 1)
    ctx.fillStyle = `rgb(${tints[i % tints.length]!.join(',')})`
    ctx.font = 'bold 11px sans-serif'
    ctx.fillText(`${reference.slot} ${reference.task}`, x, y - 5)
  })
  ctx.fillStyle = '#707078'
  ctx.font = '11px sans-serif'
  ctx.fillText(`${sample.task} · ${sample.scene.style}`, 282, 110)
  ctx.fillStyle = '#202028'
  wrapped(ctx, sample.caption, cellWidth - 20).forEach((line, i) => {
    ctx.fillText(line, 8, 152 + i * 14)
  })
}

const tints = [
  [226, 40, 60],
  [30, 100, 230],
] as const

/** The target in gray, with the subject of each reference in the colour of its slot. */
function tinted({ target, references }: Sample): Picture {
  const data = new Uint8Array(target.data.length)
  for (let pixel = 0; pixel < target.width * target.height; pixel++) {
    const gray = (target.data[pixel * 3]! + target.data[pixel * 3 + 1]! + target.data[pixel * 3 + 2]!) / 3
    const owner = references.findIndex(({ targetMask }) => isSet(targetMask, pixel))
    for (let c = 0; c < 3; c++) {
      data[pixel * 3 + c] = owner < 0 ? 128 + gray / 2 : gray * 0.5 + tints[owner % tints.length]![c]! * 0.5
    }
  }
  return { ...target, data }
}

const isSet = (mask: Mask | undefined, pixel: number): boolean => mask?.data[pixel] === 255

function canvasOf({ width, height, data }: Picture): Canvas {
  const canvas = createCanvas(width, height)
  const ctx = canvas.getContext('2d')
  const image = ctx.createImageData(width, height)
  for (let pixel = 0; pixel < width * height; pixel++) {
    image.data.set(data.subarray(pixel * 3, pixel * 3 + 3), pixel * 4)
    image.data[pixel * 4 + 3] = 255
  }
  ctx.putImageData(image, 0, 0)
  return canvas
}

/** Breaks a text into lines that are no wider than a width. */
function wrapped(ctx: SKRSContext2D, text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trimStart()
    if (ctx.measureText(longer).width <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}
