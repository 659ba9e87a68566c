import { createCanvas, loadImage } from '@napi-rs/canvas'
import { expect, test } from 'vitest'
import { contactSheet } from './contact-sheet.js'
import { renderSample } from './sample.js'
import { tasks } from './tasks.js'

test('a sheet is a PNG that shows every target', async () => {
  const samples = tasks.map((task, index) => renderSample({ seed: 'sheet', index, split: 'train', task }))
  const image = await loadImage(Buffer.from(contactSheet(samples, { columns: 4 })))
  expect([image.width / 4, image.height / 2]).toEqual([424, 206])
  const ctx = createCanvas(image.width, image.height).getContext('2d')
  ctx.drawImage(image, 0, 0)
  samples.forEach(({ target }, i) => {
    const cell = ctx.getImageData((i % 4) * 424 + 8, Math.floor(i / 4) * 206 + 8, 128, 128)
    const shown = cell.data.filter((_, at) => at % 4 !== 3)
    expect(Buffer.from(shown).equals(target.data)).toBe(true)
  })
})

test('a sheet of nothing is refused', () => {
  expect(() => contactSheet([])).toThrow('contact sheet: expected 1 to 1000 samples in at least 1 column, got 0 in 3')
})
