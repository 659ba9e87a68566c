// Things of the house: mug, teapot, chair, lamp, bag, umbrella.
import { box, oval } from '../pen.js'
import { area, bar, cloth, hair, type Part, spot } from './part.js'

export const mug: readonly Part[] = [
  bar('accent', 6, 'M42 26 Q58 22 58 37 Q58 50 42 47'),
  cloth('M8 16 H46 V52 Q46 60 38 60 H16 Q8 60 8 52Z'),
  area('shade', oval(27, 16, 19, 5)),
  spot('ink', oval(27, 17, 14, 2.6)),
]

export const teapot: readonly Part[] = [
  bar('accent', 5, 'M15 30 Q3 28 4 41 Q6 52 17 51'),
  area('main', 'M44 50 Q50 38 52 24 L61 22 Q62 42 48 54Z'),
  cloth('M31 22 Q52 24 52 42 Q51 58 38 60 H24 Q11 58 10 42 Q10 24 31 22Z'),
  area('accent', 'M17 26 Q31 11 45 26 Q31 30 17 26Z'),
  area('accent', oval(31, 13, 4.5)),
]

export const chair: readonly Part[] = [
  bar('wood', 4.5, 'M17 36 V8'),
  bar('wood', 4.5, 'M47 36 V8'),
  cloth(box(13, 5, 38, 26, 5)),
  bar('wood', 4.5, 'M14 42 L10 60'),
  bar('wood', 4.5, 'M50 42 L54 60'),
  bar('wood', 4, 'M22 42 V55'),
  bar('wood', 4, 'M42 42 V55'),
  area('accent', 'M13 34 H51 L56 43 Q56 46 53 46 H11 Q8 46 8 43Z'),
]

export const lamp: readonly Part[] = [
  area('accent', 'M29 34 H35 V46 Q46 50 46 60 H18 Q18 50 29 46Z'),
  area('gold', oval(32, 36, 6)),
  cloth('M20 4 H44 L58 36 H6Z'),
  hair('gold', 2, 'M48 37 V46'),
  spot('gold', oval(48, 47, 2.2)),
]

export const bag: readonly Part[] = [
  bar('accent', 5, 'M20 24 Q20 5 32 5 Q44 5 44 24'),
  cloth('M12 20 H52 L58 56 Q58 60 54 60 H10 Q6 60 6 56Z'),
  area('accent', 'M12 20 H52 L53 29 Q32 42 11 29Z'),
  area('gold', box(28, 31, 8, 8, 2)),
]

export const umbrella: readonly Part[] = [
  bar('accent', 4.5, 'M32 32 V52 Q32 59 26 59 Q20 59 20 52'),
  bar('accent', 4, 'M32 8 V4'),
  cloth('M3 36 Q5 8 32 7 Q59 8 61 36 Q54 29 46.5 35 Q39 29 32 35 Q25 29 17.5 35 Q10 29 3 36Z'),
  hair('shade', 1.4, 'M32 8 Q19 16 17.5 34'),
  hair('shade', 1.4, 'M32 8 Q45 16 46.5 34'),
]
