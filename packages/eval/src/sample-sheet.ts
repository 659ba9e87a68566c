// A sheet to look at: references, the picture that was made, the drawn target, the caption, and what was read right or wrong.

import type { Picture } from '@dreamgraph/world'
import { type Canvas, createCanvas, type SKRSContext2D } from '@napi-rs/canvas'
import type { ScoredPicture } from './evaluate.js'
import type { Prompt } from './prompts.js'
import { type Answer, isRight } from './questions.js'

const cellWidth = 560
const cellHeight = 232
const columns = 2

/** Draws the first picture of each prompt, 60 prompts at most. Returns PNG bytes; fonts are the machine's own. */
export function sampleSheet(prompts: readonly Prompt[], pictures: readonly ScoredPicture[]): Uint8Array {
  const shown = prompts.slice(0, 60).flatMap((prompt) => {
    const picture = pictures.find(({ id }) => id === prompt.id)
    return picture ? [{ prompt, picture }] : []
  })
  const sheet = createCanvas(columns * cellWidth, Math.max(1, Math.ceil(shown.length / columns)) * cellHeight)
  const ctx = sheet.getContext('2d')
  ctx.fillStyle = '#ffffff'
  ctx.fillRect(0, 0, sheet.width, sheet.height)
  shown.forEach(({ prompt, picture }, i) => {
    ctx.save()
    ctx.translate((i % columns) * cellWidth, Math.floor(i / columns) * cellHeight)
    drawCell(ctx, prompt, picture)
    ctx.restore()
  })
  return sheet.toBuffer('image/png')
}

function drawCell(ctx: SKRSContext2D, { sample }: Prompt, { id, seed, picture, answers }: ScoredPicture): void {
  ctx.fillStyle = '#707078'
  ctx.font = '11px sans-serif'
  ctx.fillText(`${id}, seed ${seed}`, 8, 16)
  sample.references.forEach((reference, i) => {
    ctx.drawImage(canvasOf(reference.picture), 8, 24 + i * 68)
  })
  ctx.drawImage(canvasOf(picture), 80, 24)
  ctx.drawImage(canvasOf(sample.target), 216, 24)
  ctx.fillText('made', 80, 166)
  ctx.fillText('drawn', 216, 166)
  ctx.fillStyle = '#202028'
  wrapped(ctx, sample.caption, cellWidth - 16).forEach((line, i) => {
    ctx.fillText(line, 8, 184 + i * 14)
  })
  drawAnswers(ctx, answers)
}

/** What was wrong with what was read, and how many were right; parts in columns of their own. */
function drawAnswers(ctx: SKRSContext2D, answers: readonly Answer[]): void {
  const asked = answers.filter(({ told }) => told !== 'nothing')
  const wrong = asked.filter((answer) => !isRight(answer))
  ctx.fillStyle = '#1a7f37'
  ctx.fillText(`✓ ${asked.length - wrong.length} of ${asked.length}`, 354, 34)
  ctx.fillStyle = '#b42318'
  const lines = wrong.map(({ reader, attribute, expected, read }) => `× ${reader} ${attribute}: ${expected} → ${read}`)
  const room = 9
  const kept = lines.length > room ? [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more`] : lines
  kept.forEach((line, i) => {
    ctx.fillText(line, 354, 50 + i * 14)
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
