// Hair and hats: what changes about a person from picture to picture. Both are drawn around the face of the 64-unit head box.
import { colours, darker, hairColours } from '../palette.js'
import { box, oval, type Pen, pathOf } from '../pen.js'
import type { HairStyle, Outfit } from './outfit.js'

/** Behind the face. */
const back: Partial<Record<HairStyle, string>> = {
  bob: 'M32 8 Q59 8 58 36 Q58 52 54 56 H10 Q6 52 6 36 Q5 8 32 8Z',
  long: 'M32 8 Q60 8 58 40 Q58 66 62 84 H48 V60 H16 V84 H2 Q6 66 6 40 Q4 8 32 8Z',
  curly: `M8 30 Q2 18 13 15 Q15 4 26 8 Q32 1 39 7 Q50 4 52 15 Q62 19 57 30 Q63 38 57 45 Q56 55 46 53 H18 Q8 55 7 45 Q1 38 8 30Z`,
  bun: 'M32 9 Q55 9 54 34 H10 Q9 9 32 9Z',
}

/** Over the forehead. */
const front: Partial<Record<HairStyle, string>> = {
  short: 'M10 35 Q7 9 32 8 Q57 9 54 35 L50 33 Q50 24 44 21 Q32 25 22 20 Q14 24 14 33Z',
  bob: 'M9 38 Q6 9 32 8 Q58 9 55 38 L51 36 L50 25 H14 L13 36Z',
  long: 'M9 42 Q5 9 32 8 Q59 9 55 42 L52 34 Q50 22 32 15 Q14 22 12 34Z',
  curly:
    'M10 31 Q5 20 14 16 Q17 6 27 10 Q33 3 39 9 Q49 7 50 16 Q59 20 54 31 Q48 28 47 22 Q40 26 36 20 Q29 26 25 20 Q20 27 16 23 Q15 29 10 31Z',
  spiky:
    'M10 34 L5 21 L14 21 L12 8 L23 14 L28 1 L35 12 L45 3 L46 15 L57 11 L51 22 L59 25 L54 34 L50 26 L42 22 L36 27 L30 21 L23 27 L17 22Z',
  bun: 'M10 34 Q8 10 32 9 Q56 10 54 34 Q50 20 32 18 Q14 20 10 34Z',
}

export function drawBackHair(pen: Pen, outfit: Outfit): void {
  const colour = darker(hairColours[outfit.hairColour], 0.12)
  if (outfit.hair === 'bun' && outfit.hat === 'none') pen.area(pathOf(oval(32, 7, 8.5, 7)), colour)
  const data = back[outfit.hair]
  if (data !== undefined) pen.area(pathOf(data), colour)
}

export function drawFrontHair(pen: Pen, outfit: Outfit): void {
  const data = front[outfit.hair]
  if (data !== undefined) pen.area(pathOf(data), hairColours[outfit.hairColour])
}

export function drawHat(pen: Pen, outfit: Outfit): void {
  const colour = colours[outfit.hatColour]
  const shade = darker(colour, 0.35)
  if (outfit.hat === 'cap') {
    pen.area(pathOf('M9 24 Q8 3 32 3 Q56 3 55 24Z'), colour)
    pen.area(pathOf('M30 20 Q56 17 63 25 Q60 29 30 26Z'), shade)
  } else if (outfit.hat === 'top hat') {
    pen.area(pathOf('M17 20 L15 0 H49 L47 20Z'), colour)
    pen.area(pathOf(box(16.4, 12, 31.2, 6)), shade)
    pen.area(pathOf(oval(32, 21, 27, 4)), colour)
  } else if (outfit.hat === 'beanie') {
    pen.area(pathOf(oval(32, 3.5, 5, 3.5)), shade)
    pen.area(pathOf('M9 22 Q9 5 32 5 Q55 5 55 22Z'), colour)
    pen.area(pathOf(box(7, 18, 50, 8, 3.5)), shade)
  } else if (outfit.hat === 'crown') {
    pen.area(pathOf('M13 22 L10 3 L21 11 L32 0 L43 11 L54 3 L51 22Z'), colour)
    for (const x of [21, 32, 43]) pen.area(pathOf(oval(x, 17.5, 2.2)), [255, 236, 150])
  }
}
