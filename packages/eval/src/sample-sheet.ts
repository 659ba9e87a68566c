// A sheet to look at: references, the picture that was made, the drawn target, the caption, and what was read right or wrong.
import { drawSheet, type SheetCell, type SheetText, sheetColours, sheetLinePx } from '@dreamgraph/world'
import type { ScoredPicture } from './evaluate.js'
import type { Prompt } from './prompts.js'
import { type Answer, isRight } from './questions.js'

const form = { cellWidth: 560, cellHeight: 232, columns: 2, format: 'webp' } as const
const maxCells = 60
/** Lines of wrong answers that a cell has room for. */
const roomForWrong = 9

/** Draws the first picture of each prompt, of 60 prompts at most, as many of each task. Returns WebP bytes; fonts are the machine's own. */
export function sampleSheet(prompts: readonly Prompt[], pictures: readonly ScoredPicture[]): Uint8Array {
  const tasks = [...new Set(prompts.map(({ task }) => task))]
  const ofTask = Math.floor(maxCells / tasks.length)
  const shown = tasks.flatMap((task) => prompts.filter((prompt) => prompt.task === task).slice(0, ofTask))
  const cells = shown.flatMap((prompt) => {
    const picture = pictures.find(({ id }) => id === prompt.id)
    return picture ? [cellOf(prompt, picture)] : []
  })
  return drawSheet(cells, form)
}

function cellOf({ sample }: Prompt, { id, seed, picture, answers }: ScoredPicture): SheetCell {
  const colour = sheetColours.note
  return {
    pictures: [
      ...sample.references.map((reference, i) => ({ picture: reference.picture, x: 8, y: 24 + i * 68 })),
      { picture, x: 80, y: 24 },
      { picture: sample.target, x: 216, y: 24 },
    ],
    texts: [
      { text: `${id}, seed ${seed}`, x: 8, y: 16, colour },
      { text: 'made', x: 80, y: 166, colour },
      { text: 'drawn', x: 216, y: 166, colour },
      { text: sample.caption, x: 8, y: 184, width: form.cellWidth - 16 },
      ...textsOf(answers),
    ],
  }
}

/** How much of what was read is right, and below it what is wrong. */
function textsOf(answers: readonly Answer[]): SheetText[] {
  const asked = answers.filter(({ told }) => told !== 'nothing')
  const wrong = asked.filter((answer) => !isRight(answer))
  const lines = wrong.map(({ reader, attribute, expected, read }) => `× ${reader} ${attribute}: ${expected} → ${read}`)
  const kept =
    lines.length > roomForWrong
      ? [...lines.slice(0, roomForWrong - 1), `… ${lines.length - roomForWrong + 1} more`]
      : lines
  return [
    { text: `${asked.length - wrong.length} of ${asked.length} right`, x: 354, y: 34, colour: '#1a7f37' },
    ...kept.map((text, i) => ({ text, x: 354, y: 50 + i * sheetLinePx, colour: '#b42318' })),
  ]
}
