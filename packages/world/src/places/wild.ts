// Wild and dim places: forest, under the sea, night.
import { oval, star } from '../pen.js'
import { type PlacePainter, ridge, shapes, times } from './paint.js'

export const forest: PlacePainter = (pen, width, rng) => {
  const { fill } = shapes(pen)
  fill(`M-4 -4H${width + 4}V132H-4Z`, [190, 214, 160])
  fill(`M-4 84H${width + 4}V132H-4Z`, [104, 118, 66])
  times(Math.ceil(width / 15), (i) => {
    const x = i * 15 + rng.int(6)
    fill(`M${x} 92V16`, [142, 150, 110], 5)
  })
  times(Math.ceil(width / 26), (i) => {
    const x = 8 + i * 26 + rng.int(9)
    fill(`M${x - 4} 100L${x - 3} 10H${x + 3}L${x + 5} 100Z`, [104, 78, 54])
  })
  times(Math.ceil(width / 16) + 1, (i) => fill(oval(i * 16 + rng.int(8), 2 + rng.int(12), 15, 13), [62, 112, 58]))
  times(Math.ceil(width / 14), (i) => {
    const [x, y] = [i * 14 + rng.int(8), 108 + rng.int(16)]
    fill(`M${x - 6} ${y}L${x - 3} ${y - 9}L${x} ${y}L${x + 3} ${y - 9}L${x + 6} ${y}Z`, [70, 104, 52])
  })
}

export const sea: PlacePainter = (pen, width, rng) => {
  const { fill, dot } = shapes(pen)
  fill(`M-4 -4H${width + 4}V132H-4Z`, [66, 168, 204])
  times(3, (i) => fill(`M${i * 50 - 10} 0h18l-26 128h-26Z`, [90, 186, 216]))
  fill(ridge(width, 108, 5, rng), [222, 204, 150])
  times(Math.ceil(width / 22), (i) => {
    const x = 6 + i * 24 + rng.int(8)
    const tall = 26 + rng.int(22)
    fill(`M${x} 120q-9 -${tall / 4} 0 -${tall / 2}t0 -${tall / 2}`, [30, 126, 92], 5)
    fill(`M${x + 7} 120q-7 -${tall / 5} 0 -${tall / 3}t0 -${tall / 3}`, [44, 148, 100], 4)
  })
  times(Math.ceil(width / 10), () => {
    const [x, y] = [rng.next() * width, rng.next() * 96]
    dot(oval(x, y, 2.6), [196, 234, 246])
    dot(oval(x, y, 1.4), [66, 168, 204])
  })
}

export const night: PlacePainter = (pen, width, rng) => {
  const { fill, dot } = shapes(pen)
  fill(`M-4 -4H${width + 4}V132H-4Z`, [28, 32, 78])
  times(Math.ceil(width / 6), () => dot(star(rng.next() * width, rng.next() * 78, 2.6, 1), [255, 244, 190]))
  const x = rng.between(0.25, 0.75) * width
  fill(`M${x} 8a14 14 0 1 0 13 19a11 11 0 0 1 -13 -19Z`, [250, 240, 190])
  fill(ridge(width, 88, 12, rng), [44, 52, 100])
  fill(ridge(width, 104, 7, rng), [22, 28, 58])
}
