// Built places: city, room, kitchen.
import { box, oval } from '../pen.js'
import { type PlacePainter, shapes, times } from './paint.js'

export const city: PlacePainter = (pen, width, rng) => {
  const { fill, dot } = shapes(pen)
  fill(`M-4 -4H${width + 4}V132H-4Z`, [206, 216, 228])
  times(Math.ceil(width / 22) + 1, (i) => {
    const x = i * 22 - rng.int(5)
    const top = 12 + rng.int(34)
    fill(
      box(x, top, 21, 96 - top),
      (
        [
          [118, 128, 150],
          [146, 138, 140],
          [98, 112, 136],
        ] as const
      )[rng.int(3)]!,
    )
    for (let y = top + 6; y < 88; y += 10) {
      for (const dx of [4, 12]) dot(box(x + dx, y, 5, 5.5), rng.chance(0.6) ? [250, 232, 160] : [196, 214, 232])
    }
  })
  fill(`M-4 94H${width + 4}V104H-4Z`, [186, 184, 182])
  fill(`M-4 104H${width + 4}V132H-4Z`, [84, 86, 96])
  times(Math.ceil(width / 26), (i) => dot(box(i * 26 + 5, 115, 14, 3), [236, 236, 226]))
}

export const room: PlacePainter = (pen, width, rng) => {
  const { fill } = shapes(pen)
  const wall = (
    [
      [238, 220, 196],
      [214, 226, 214],
      [226, 214, 230],
    ] as const
  )[rng.int(3)]!
  fill(`M-4 -4H${width + 4}V96H-4Z`, wall)
  fill(`M-4 92H${width + 4}V132H-4Z`, [176, 130, 88])
  times(3, (i) => fill(`M0 ${104 + i * 9}H${width}`, [148, 104, 66], 1.2))
  fill(`M-4 92H${width + 4}`, [250, 246, 238], 4)
  const x = rng.chance(0.5) ? 0.24 * width : 0.76 * width
  fill(box(x - 17, 16, 34, 42), [252, 250, 244])
  fill(box(x - 14, 19, 28, 36), [168, 214, 240])
  fill(`M${x} 19V55M${x - 14} 37H${x + 14}`, [252, 250, 244], 2.4)
  fill(
    `M${x - 20} 13Q${x - 6} 34 ${x - 19} 62H${x - 25}V13ZM${x + 20} 13Q${x + 6} 34 ${x + 19} 62H${x + 25}V13Z`,
    [196, 112, 100],
  )
  if (width > 64) {
    fill(box(width - x - 12, 22, 24, 20), [150, 110, 70])
    fill(box(width - x - 9, 25, 18, 14), [232, 226, 200])
    fill(`M${width - x - 9} 39l6 -8l5 5l3 -4l4 7Z`, [110, 150, 120])
  }
  fill(oval(width / 2, 116, width * 0.36, 9), [198, 150, 146])
}

export const kitchen: PlacePainter = (pen, width, rng) => {
  const { fill } = shapes(pen)
  const tile = (
    [
      [222, 238, 240],
      [246, 238, 216],
    ] as const
  )[rng.int(2)]!
  fill(`M-4 -4H${width + 4}V96H-4Z`, tile)
  const grid = [
    times(6, (i) => `M0 ${i * 16 + 8}H${width}`),
    times(Math.ceil(width / 16), (i) => `M${i * 16 + 8} 0V92`),
  ]
  fill(grid.flat().join(''), [186, 206, 210], 1.3)
  fill(`M-4 14H${width + 4}`, [120, 126, 136], 3)
  times(Math.ceil(width / 30), (i) => {
    const x = 14 + i * 31 + rng.int(8)
    fill(`M${x} 14V26`, [96, 100, 110], 2.6)
    if (i % 2 === 0) fill(oval(x, 34, 9), [104, 108, 118])
    else fill(`M${x - 8} 26H${x + 8}V36Q${x} 42 ${x - 8} 36Z`, [176, 116, 80])
  })
  fill(`M-4 86H${width + 4}V96H-4Z`, [120, 98, 84])
  fill(`M-4 96H${width + 4}V132H-4Z`, [216, 196, 168])
  times(Math.ceil(width / 32), (i) => {
    fill(box(i * 32 + 3, 101, 26, 31, 2), [232, 214, 188])
    fill(`M${i * 32 + 11} 107h10`, [120, 98, 84], 2.4)
  })
}
