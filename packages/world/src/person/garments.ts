// Garments, worn or lying alone: parts in the 64-unit box below the head box, neck opening at the top middle.
import type { Design } from '../design.js'
import { box, oval, type Pen } from '../pen.js'
import { area, bar, cloth, drawParts, hair, type Part, spot } from '../things/part.js'

const longSleeves = [
  cloth('M16 3 Q4 8 3 24 L2 43 Q8 46 14 43 L15 26 L22 14Z'),
  cloth('M48 3 Q60 8 61 24 L62 43 Q56 46 50 43 L49 26 L42 14Z'),
]

const drawings = {
  't-shirt': [
    cloth('M23 0 Q32 8 41 0 L50 3 L63 18 L54 27 L48 21 V50 H16 V21 L10 27 L1 18 L14 3Z'),
    bar('accent', 3, 'M23 1 Q32 9 41 1'),
    bar('accent', 2.4, 'M2.5 19 L9.5 26'),
    bar('accent', 2.4, 'M61.5 19 L54.5 26'),
  ],
  shirt: [
    ...longSleeves,
    cloth('M22 0 H42 L49 3 V52 Q32 56 15 52 V3Z'),
    area('accent', 'M21 -1 L32 10 L25 16 L17 3Z'),
    area('accent', 'M43 -1 L32 10 L39 16 L47 3Z'),
    hair('shade', 1.4, 'M32 12 V53'),
    ...[19, 28, 37, 46].map((y) => spot('white', oval(32, y, 1.9))),
  ],
  dress: [
    cloth('M18 0 L24 0 Q32 10 40 0 L46 0 L49 10 L43 26 L60 64 H4 L21 26 L15 10Z'),
    area('accent', 'M21 23 H43 L45 30 H19Z'),
    bar('accent', 3.4, 'M6 61.5 H58'),
  ],
  jacket: [
    area('white', box(23, 0, 18, 52)),
    ...longSleeves,
    cloth('M24 0 L13 3 V53 H27 L29 22Z'),
    cloth('M40 0 L51 3 V53 H37 L35 22Z'),
    area('accent', 'M24 0 L29 26 L19 14 L21 -1Z'),
    area('accent', 'M40 0 L35 26 L45 14 L43 -1Z'),
    area('accent', box(16, 38, 9, 4)),
    area('accent', box(39, 38, 9, 4)),
  ],
  sweater: [
    ...longSleeves,
    cloth('M22 1 H42 L49 3 V50 H15 V3Z'),
    area('accent', box(14, 48, 36, 7, 3)),
    area('accent', box(1, 39, 14, 6, 2.5)),
    area('accent', box(49, 39, 14, 6, 2.5)),
    area('accent', box(21, -3, 22, 8, 3.5)),
  ],
  overalls: [
    bar('accent', 4.4, 'M20 18 L19 2'),
    bar('accent', 4.4, 'M44 18 L45 2'),
    cloth('M19 14 H45 V30 L51 34 V64 H35 L32 50 L29 64 H13 V34 L19 30Z'),
    area('accent', box(25, 20, 14, 9, 2)),
    spot('gold', oval(20.5, 16, 2.2)),
    spot('gold', oval(43.5, 16, 2.2)),
  ],
} as const satisfies Record<string, readonly Part[]>

export type GarmentKind = keyof typeof drawings
export const garmentKinds = Object.keys(drawings) as GarmentKind[]

/** Draws a garment into the 64-unit box at the origin. */
export function drawGarment(pen: Pen, design: Design<GarmentKind>): void {
  drawParts(pen, drawings[design.kind], design)
}
