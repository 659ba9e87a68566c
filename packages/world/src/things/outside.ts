// Things of the outside: car, boat, rocket, balloon, house, tree.
import { box, oval } from '../pen.js'
import { area, bar, cloth, hair, type Part, spot } from './part.js'

export const car: readonly Part[] = [
  cloth('M3 50 V40 Q3 33 9 32 L15 31 L22 17 Q24 14 28 14 H41 Q45 14 47 18 L53 31 Q61 32 61 40 V50Z'),
  area('glass', 'M20 31 L26 18.5 H32 V31Z'),
  area('glass', 'M36 31 V18.5 H41.5 L48 31Z'),
  bar('accent', 4.5, 'M5 48 H59'),
  area('gold', oval(58, 38, 3)),
  area('ink', oval(17, 50, 8.5)),
  area('accent', oval(17, 50, 4.2)),
  area('ink', oval(47, 50, 8.5)),
  area('accent', oval(47, 50, 4.2)),
]

export const boat: readonly Part[] = [
  bar('wood', 3.5, 'M30 44 V5'),
  cloth('M33 5 Q58 22 58 40 H33Z'),
  area('accent', 'M27 11 V40 H8 Q20 28 27 11Z'),
  area('main', 'M3 44 H61 Q57 60 46 60 H17 Q7 60 3 44Z'),
  bar('accent', 2.6, 'M8 52 H56'),
]

export const rocket: readonly Part[] = [
  area('flame', 'M24 49 Q24 58 32 63 Q40 58 40 49Z'),
  spot('gold', 'M28 49 Q28 55 32 59 Q36 55 36 49Z'),
  area('accent', 'M19 32 Q6 40 7 56 L21 49Z'),
  area('accent', 'M45 32 Q58 40 57 56 L43 49Z'),
  cloth('M32 1 Q48 16 47 34 L43 51 H21 L17 34 Q16 16 32 1Z'),
  area('accent', 'M32 1 Q41 9 45 19 Q32 24 19 19 Q23 9 32 1Z'),
  area('white', oval(32, 32, 8)),
  area('glass', oval(32, 32, 5.2)),
]

export const balloon: readonly Part[] = [
  hair('ink', 1.5, 'M24 46 L26 54'),
  hair('ink', 1.5, 'M40 46 L38 54'),
  cloth('M32 2 Q58 3 58 25 Q57 39 41 48 H23 Q7 39 6 25 Q6 3 32 2Z'),
  area('accent', 'M20 45 H44 L41 49 H23Z'),
  area('wood', box(24, 53, 16, 10, 2)),
  bar('accent', 2.4, 'M25 55 H39'),
]

export const house: readonly Part[] = [
  area('shade', box(42, 8, 8, 18)),
  cloth(box(9, 28, 46, 33)),
  area('accent', 'M2 32 L32 5 L62 32Z'),
  area('wood', 'M26 61 V46 Q26 41 32 41 Q38 41 38 46 V61Z'),
  area('glass', box(13, 39, 9, 10)),
  area('glass', box(42, 39, 9, 10)),
  area('white', oval(32, 23, 4.5)),
]

export const tree: readonly Part[] = [
  area('wood', 'M27 34 L28 52 H36 L37 34Z'),
  area('accent', 'M18 48 H46 L42 62 H22Z'),
  bar('accent', 4, 'M17 49 H47'),
  cloth('M16 40 Q4 38 7 27 Q4 15 17 13 Q23 2 34 5 Q47 3 50 14 Q61 19 57 30 Q56 41 43 40 Q32 46 26 40 Q20 43 16 40Z'),
]
