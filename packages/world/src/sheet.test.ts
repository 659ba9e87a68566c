import { createCanvas, loadImage } from '@napi-rs/canvas'
import { expect, test } from 'vitest'
import type { Picture } from './picture.js'
import { drawSheet, type SheetCell, sheetLinePx } from './sheet.js'

const red: Picture = { width: 2, height: 2, data: Uint8Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? 255 : 0)) }
const form = { cellWidth: 60, cellHeight: 50, columns: 2 }
const cell: SheetCell = { pictures: [{ picture: red, x: 5, y: 6 }], texts: [] }

async function pixelsOf(sheet: Uint8Array) {
  const image = await loadImage(Buffer.from(sheet))
  const ctx = createCanvas(image.width, image.height).getContext('2d')
  ctx.drawImage(image, 0, 0)
  return { size: [image.width, image.height], at: (x: number, y: number) => [...ctx.getImageData(x, y, 1, 1).data] }
}

test('cells follow one another in rows, as wide as there are cells, and pictures keep their pixels', async () => {
  const three = await pixelsOf(drawSheet([cell, cell, cell], form))
  expect(three.size).toEqual([120, 100])
  for (const [x, y] of [
    [0, 0],
    [60, 0],
    [0, 50],
  ] as const)
    expect(three.at(x + 6, y + 7)).toEqual([255, 0, 0, 255])
  expect(three.at(66, 57)).toEqual([255, 255, 255, 255])
  expect((await pixelsOf(drawSheet([cell], form))).size).toEqual([60, 50])
  expect((await pixelsOf(drawSheet([], form))).size).toEqual([60, 50])
})

test('a frame lies around its picture, not on it', async () => {
  const { at } = await pixelsOf(drawSheet([{ ...cell, pictures: [{ ...cell.pictures[0]!, framed: true }] }], form))
  expect(at(5, 6)).toEqual([255, 0, 0, 255])
  expect(at(4, 6)).toEqual([0xb0, 0xb0, 0xb8, 255])
})

test('text that is too long for its width goes on in the lines below', async () => {
  const inkIn = async (width: number | undefined) => {
    const { at } = await pixelsOf(drawSheet([{ pictures: [], texts: [{ text: 'mmm mmm', x: 2, y: 14, width }] }], form))
    const rows = Array.from({ length: 50 }, (_, y) => Array.from({ length: 60 }, (_, x) => at(x, y)[0]! < 128))
    return rows.flatMap((row, y) => (row.includes(true) ? [y] : []))
  }
  const lowest = Math.max(...(await inkIn(undefined)))
  expect(Math.max(...(await inkIn(40)))).toBe(lowest + sheetLinePx)
})

test('a sheet may be a WebP', () => {
  expect(Buffer.from(drawSheet([cell], { ...form, format: 'webp' })).toString('latin1', 8, 12)).toBe('WEBP')
})
