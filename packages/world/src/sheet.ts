// Sheets for people to look at: equal cells in rows, each with pictures and texts at places of its own.
import { type Canvas, createCanvas, type SKRSContext2D } from '@napi-rs/canvas'
import type { Picture } from './picture.js'

/** Places count in pixels from the top left of the cell. */
export interface SheetCell {
  readonly pictures: readonly SheetPicture[]
  readonly texts: readonly SheetText[]
}

export interface SheetPicture {
  readonly picture: Picture
  readonly x: number
  readonly y: number
  /** A thin line around it, for pictures on white. */
  readonly framed?: boolean
}

export interface SheetText {
  readonly text: string
  readonly x: number
  /** Of the line that letters stand on. */
  readonly y: number
  /** As CSS says it. Default: that of text. */
  readonly colour?: string
  readonly bold?: boolean
  /** Pixels that a line may have; the words that are left go to the lines below. Default: no bound. */
  readonly width?: number
}

export interface SheetForm {
  readonly cellWidth: number
  readonly cellHeight: number
  /** Cells in a row. */
  readonly columns: number
  /** Default: png. */
  readonly format?: 'png' | 'webp'
}

export const sheetColours = { text: '#202028', note: '#707078', frame: '#b0b0b8' } as const

/** Pixels from one line of text to the next. */
export const sheetLinePx = 14

/** Draws cells row by row; the bytes of a picture file. Text is in the machine's sans-serif, so sheets differ between machines. */
export function drawSheet(
  cells: readonly SheetCell[],
  { cellWidth, cellHeight, columns, format = 'png' }: SheetForm,
): Uint8Array {
  const across = Math.max(1, Math.min(columns, cells.length))
  const sheet = createCanvas(across * cellWidth, Math.max(1, Math.ceil(cells.length / across)) * cellHeight)
  const ctx = sheet.getContext('2d')
  ctx.fillStyle = '#ffffff'
  ctx.fillRect(0, 0, sheet.width, sheet.height)
  cells.forEach((cell, i) => {
    ctx.save()
    ctx.translate((i % across) * cellWidth, Math.floor(i / across) * cellHeight)
    for (const picture of cell.pictures) drawPicture(ctx, picture)
    for (const text of cell.texts) drawText(ctx, text)
    ctx.restore()
  })
  return format === 'png' ? sheet.toBuffer('image/png') : sheet.toBuffer('image/webp', 90)
}

function drawPicture(ctx: SKRSContext2D, { picture, x, y, framed = false }: SheetPicture): void {
  ctx.drawImage(canvasOf(picture), x, y)
  if (!framed) return
  ctx.strokeStyle = sheetColours.frame
  ctx.lineWidth = 1
  ctx.strokeRect(x - 0.5, y - 0.5, picture.width + 1, picture.height + 1)
}

function drawText(
  ctx: SKRSContext2D,
  { text, x, y, colour = sheetColours.text, bold = false, width = Number.POSITIVE_INFINITY }: SheetText,
): void {
  ctx.fillStyle = colour
  ctx.font = `${bold ? 'bold ' : ''}11px sans-serif`
  wrapped(ctx, text, width).forEach((line, i) => {
    ctx.fillText(line, x, y + i * sheetLinePx)
  })
}

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
