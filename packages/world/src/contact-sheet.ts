// Contact sheets: samples side by side in one PNG, so that a person can look at the data.
import { WorldError } from './errors.js'
import type { Mask, Picture } from './picture.js'
import type { Sample } from './sample.js'
import { drawSheet, type SheetCell, sheetColours } from './sheet.js'

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
  return drawSheet(samples.map(cellOf), { cellWidth, cellHeight, columns })
}

function cellOf(sample: Sample): SheetCell {
  const { target, references, task, scene, caption } = sample
  const placed = references.map((reference, i) => ({ ...reference, x: 282 + i * 70, y: 24, tint: tintOf(i) }))
  return {
    pictures: [
      { picture: target, x: 8, y: 8 },
      { picture: tinted(sample), x: 144, y: 8 },
      ...placed.map(({ picture, x, y }) => ({ picture, x, y, framed: true })),
    ],
    texts: [
      ...placed.map(({ slot, task: use, x, y, tint }) => {
        return { text: `${slot} ${use}`, x, y: y - 5, bold: true, colour: `rgb(${tint.join(',')})` }
      }),
      { text: `${task} · ${scene.style}`, x: 282, y: 110, colour: sheetColours.note },
      { text: caption, x: 8, y: 152, width: cellWidth - 20 },
    ],
  }
}

const tints = [
  [226, 40, 60],
  [30, 100, 230],
] as const

/** The colour of a reference's slot. */
const tintOf = (reference: number): readonly [number, number, number] => tints[reference % tints.length]!

/** The target in gray, with the subject of each reference in the colour of its slot. */
function tinted({ target, references }: Sample): Picture {
  const data = new Uint8Array(target.data.length)
  for (let pixel = 0; pixel < target.width * target.height; pixel++) {
    const gray = (target.data[pixel * 3]! + target.data[pixel * 3 + 1]! + target.data[pixel * 3 + 2]!) / 3
    const owner = references.findIndex(({ targetMask }) => isSet(targetMask, pixel))
    for (let c = 0; c < 3; c++) {
      data[pixel * 3 + c] = owner < 0 ? 128 + gray / 2 : gray * 0.5 + tintOf(owner)[c]! * 0.5
    }
  }
  return { ...target, data }
}

const isSet = (mask: Mask | undefined, pixel: number): boolean => mask?.data[pixel] === 255
