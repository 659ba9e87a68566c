// Open places: beach, desert, snow, meadow.
import { oval } from '../pen.js'
import { cloud, type PlacePainter, ridge, shapes, times } from './paint.js'

export const beach: PlacePainter = (pen, width, rng) => {
  const { fill, dot } = shapes(pen)
  fill(`M-4 -4H${width + 4}V60H-4Z`, [150, 214, 246])
  fill(oval(rng.between(0.15, 0.85) * width, 20, 11), [255, 226, 110])
  fill(`M-4 56H${width + 4}V92H-4Z`, [40, 140, 190])
  times(3, (i) => fill(`M${((i * 53 + 9) % 120) - 10} ${64 + i * 7}h26`, [196, 232, 244], 2))
  fill(`M-4 ${84 + rng.int(4)}Q${width / 3} 78 ${width * 0.6} 86T${width + 4} 84V132H-4Z`, [240, 214, 150])
  times(7, (i) => dot(oval(((i * 41 + 13) % width) + rng.int(6), 100 + ((i * 17) % 24), 1.6, 1.1), [206, 172, 108]))
}

export const desert: PlacePainter = (pen, width, rng) => {
  const { fill } = shapes(pen)
  fill(`M-4 -4H${width + 4}V90H-4Z`, [252, 196, 128])
  fill(oval(rng.between(0.2, 0.8) * width, 26, 14), [255, 238, 180])
  fill(ridge(width, 66, 16, rng), [222, 142, 84])
  fill(ridge(width, 86, 9, rng), [236, 170, 102])
  for (const share of [0.12, 0.86]) {
    const x = share * width + rng.int(8) - 4
    const cactus = [86, 140, 84] as const
    fill(`M${x} 96V62`, cactus, 7)
    fill(`M${x - 10} 72V80H${x}`, cactus, 5)
    fill(`M${x + 10} 68V76H${x}`, cactus, 5)
  }
  fill(ridge(width, 104, 5, rng), [244, 190, 120])
}

export const snow: PlacePainter = (pen, width, rng) => {
  const { fill, dot } = shapes(pen)
  fill(`M-4 -4H${width + 4}V132H-4Z`, [176, 200, 222])
  const peak = rng.between(0.3, 0.7) * width
  fill(`M${peak - 62} 84L${peak} 14L${peak + 62} 84Z`, [124, 146, 176])
  fill(`M${peak - 18} 34L${peak} 14L${peak + 18} 34L${peak + 8} 31L${peak} 38L${peak - 9} 31Z`, [250, 252, 255])
  fill(ridge(width, 76, 8, rng), [226, 236, 246])
  for (const share of [0.08, 0.92]) {
    const x = share * width + rng.int(6) - 3
    for (const y of [92, 80, 69]) fill(`M${x - 13} ${y}L${x} ${y - 22}L${x + 13} ${y}Z`, [88, 128, 126])
    fill(`M${x - 6} 57L${x} 47L${x + 6} 57Z`, [250, 252, 255])
  }
  fill(ridge(width, 98, 5, rng), [246, 249, 253])
  times(Math.round(width / 5), () => dot(oval(rng.next() * width, rng.next() * 92, 1.7), [255, 255, 255]))
}

export const meadow: PlacePainter = (pen, width, rng) => {
  const { fill, dot } = shapes(pen)
  fill(`M-4 -4H${width + 4}V90H-4Z`, [164, 218, 248])
  cloud(fill, rng.between(0.1, 0.4) * width, 22)
  cloud(fill, rng.between(0.6, 0.9) * width, 36)
  fill(ridge(width, 66, 10, rng), [150, 204, 120])
  fill(ridge(width, 82, 7, rng), [122, 186, 96])
  times(Math.round(width / 9), (i) => {
    const [x, y] = [rng.next() * width, 92 + rng.next() * 32]
    const petals = (
      [
        [255, 255, 255],
        [255, 196, 214],
        [255, 232, 120],
      ] as const
    )[i % 3]!
    for (const [dx, dy] of [
      [-2.4, 0],
      [2.4, 0],
      [0, -2.4],
      [0, 2.4],
    ] as const)
      dot(oval(x + dx, y + dy, 1.9), petals)
    dot(oval(x, y, 1.5), [240, 170, 50])
  })
}
