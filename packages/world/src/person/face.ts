// A face: the attributes that make a person the same person. Hair, hats, glasses, clothes, gaze and pose are not among them.
import { darker, eyeColours, fixedTones, hairColours, mix, type Rgb, skins } from '../palette.js'
import { box, oval, type Pen, pathOf } from '../pen.js'

const faceShapes = {
  round: 'M32 15 Q53 16 53 37 Q52 57 32 58 Q12 57 11 37 Q11 16 32 15Z',
  long: 'M32 13 Q49 14 48 36 Q47 62 32 62 Q17 62 16 36 Q15 14 32 13Z',
  square: 'M20 15 H44 Q51 16 51 26 V48 Q50 59 40 60 H24 Q14 59 13 48 V26 Q13 16 20 15Z',
  pointed: 'M32 14 Q53 14 52 33 Q50 45 34 61 Q32 62 30 61 Q14 45 12 33 Q11 14 32 14Z',
} as const

const browShapes = {
  straight: ['M19 28 H28', 'M36 28 H45'],
  arched: ['M19 29 Q24 23 28 28', 'M36 28 Q40 23 45 29'],
  slanted: ['M19 25 L28 29', 'M36 29 L45 25'],
} as const

const noseShapes = {
  button: 'M30 43 Q32 46 34 43',
  long: 'M32 34 L29 45 H33',
  wide: 'M26.5 43 Q28 47 32 45 Q36 47 37.5 43',
} as const

const mouthShapes = ['smile', 'grin', 'straight', 'lips'] as const
const lidShapes = ['wide', 'narrow'] as const

/** Mark → how a caption says it after "with"; none is not said. */
export const markPhrases = {
  none: '',
  freckles: 'freckles',
  mole: 'a mole',
  beard: 'a beard',
  mustache: 'a mustache',
  blush: 'rosy cheeks',
} as const

/** Who somebody is. Two pictures show the same person when all eight agree. */
export interface Face {
  readonly shape: keyof typeof faceShapes
  readonly skin: keyof typeof skins
  readonly eyes: keyof typeof eyeColours
  readonly lids: (typeof lidShapes)[number]
  readonly brows: keyof typeof browShapes
  readonly nose: keyof typeof noseShapes
  readonly mouth: (typeof mouthShapes)[number]
  readonly mark: keyof typeof markPhrases
}

/** Every value that each attribute of a face can take. */
export const faceAttributes: { readonly [A in keyof Face]: readonly Face[A][] } = {
  shape: Object.keys(faceShapes) as Face['shape'][],
  skin: Object.keys(skins) as Face['skin'][],
  eyes: Object.keys(eyeColours) as Face['eyes'][],
  lids: lidShapes,
  brows: Object.keys(browShapes) as Face['brows'][],
  nose: Object.keys(noseShapes) as Face['nose'][],
  mouth: mouthShapes,
  mark: Object.keys(markPhrases) as Face['mark'][],
}

/** Draws a face without hair into the 64-unit head box; gaze −1, 0, 1 turns the eyes left, ahead, right. */
export function drawFace(pen: Pen, face: Face, gaze: number): void {
  const skin = skins[face.skin]
  const shade = darker(skin, 0.35)
  const earX = { round: 21.5, long: 17, square: 20, pointed: 20 }[face.shape]
  for (const side of [-1, 1]) pen.area(pathOf(oval(32 + side * earX, 38, 4.5, 6)), mix(skin, shade, 0.2))
  pen.area(pathOf(faceShapes[face.shape]), skin)
  if (face.mark !== 'none') marks[face.mark](pen, face, skin)
  for (const x of [24, 40]) eye(pen, x, face, gaze)
  for (const brow of browShapes[face.brows]) pen.line(pathOf(brow), hairColours.black, 2.6, { bare: true })
  pen.line(pathOf(noseShapes[face.nose]), shade, 2, { bare: true })
  mouths[face.mouth](pen)
}

function eye(pen: Pen, x: number, face: Face, gaze: number): void {
  const [radiusX, radiusY] = face.lids === 'wide' ? [5, 4.6] : [5.2, 2.9]
  const iris = Math.min(radiusY, 3.3)
  const lookX = x + gaze * 1.6
  pen.area(pathOf(oval(x, 35, radiusX, radiusY)), fixedTones.white)
  pen.area(pathOf(oval(lookX, 35, iris, iris)), eyeColours[face.eyes], { bare: true })
  pen.area(pathOf(oval(lookX, 35, 1.3)), fixedTones.ink, { bare: true })
}

const lip: Rgb = [196, 52, 66]

const mouths: Record<Face['mouth'], (pen: Pen) => void> = {
  smile: (pen) => pen.line(pathOf('M24.5 49 Q32 56 39.5 49'), lip, 2.4, { bare: true }),
  grin: (pen) => pen.area(pathOf('M24 48 H40 Q39 56.5 32 56.5 Q25 56.5 24 48Z'), fixedTones.white),
  straight: (pen) => pen.line(pathOf('M26 51 H38'), darker(lip, 0.4), 2.4, { bare: true }),
  lips: (pen) => pen.area(pathOf('M25 51 Q29 47 32 49 Q35 47 39 51 Q32 58 25 51Z'), lip, { bare: true }),
}

const beardColour: Rgb = [52, 36, 32]

const marks: Record<Exclude<Face['mark'], 'none'>, (pen: Pen, face: Face, skin: Rgb) => void> = {
  freckles(pen, _face, skin) {
    const points = [18, 41, 21, 44, 24, 41, 46, 41, 43, 44, 40, 41, 18, 46, 46, 46]
    for (let i = 0; i < points.length; i += 2) {
      pen.area(pathOf(oval(points[i]!, points[i + 1]!, 1.15)), mix(skin, [120, 40, 10], 0.6), { bare: true })
    }
  },
  mole: (pen) => pen.area(pathOf(oval(43.5, 47, 1.8)), fixedTones.ink, { bare: true }),
  beard(pen, face) {
    const edge = { round: 13, long: 18, square: 15, pointed: 17 }[face.shape]
    const beard = `M${edge} 42 Q22 48 32 45 Q42 48 ${64 - edge} 42 Q${64 - edge} 60 32 63 Q${edge} 60 ${edge} 42Z`
    pen.area(pathOf(beard), beardColour, { bare: true })
  },
  mustache: (pen) =>
    pen.area(pathOf('M32 46 Q38 43 44 49 Q36 51 32 48 Q28 51 20 49 Q26 43 32 46Z'), beardColour, { bare: true }),
  blush(pen) {
    for (const x of [18.5, 45.5]) pen.area(pathOf(oval(x, 44, 4.2, 3)), [238, 96, 106], { bare: true })
  },
}

/** Draws glasses over a face, in the head box. */
export function drawGlasses(pen: Pen, kind: 'round' | 'square'): void {
  const frame = fixedTones.ink
  for (const x of [24, 40]) {
    pen.line(pathOf(kind === 'round' ? oval(x, 35, 7.2) : box(x - 7, 29, 14, 12, 1.5)), frame, 2, { bare: true })
  }
  pen.line(pathOf('M31 35 H33 M17 34 L11 33 M47 34 L53 33'), frame, 2, { bare: true })
}
