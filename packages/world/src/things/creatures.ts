// Creatures and toys: fish, cat, butterfly, robot, star.
import { box, oval, star as starPath } from '../pen.js'
import { area, bar, cloth, hair, type Part, spot } from './part.js'

export const fish: readonly Part[] = [
  area('accent', 'M43 34 L62 15 Q55 34 62 53Z'),
  area('accent', 'M20 22 Q30 4 45 22Z'),
  area('accent', 'M26 46 Q30 59 41 57 L38 44Z'),
  cloth('M3 36 Q10 17 29 17 Q43 18 51 34 Q42 51 28 51 Q10 52 3 36Z'),
  area('white', oval(15, 31, 5)),
  spot('ink', oval(14, 31, 2.6)),
  hair('ink', 1.8, 'M4 38 Q9 42 13 39'),
]

export const cat: readonly Part[] = [
  bar('main', 6, 'M44 56 Q60 56 57 38'),
  cloth('M15 61 Q12 36 32 34 Q52 36 49 61Z'),
  area('accent', oval(32, 53, 8, 8)),
  cloth('M11 3 L23 11 Q32 9 41 11 L53 3 Q57 17 52 26 Q47 40 32 40 Q17 40 12 26 Q7 17 11 3Z'),
  area('accent', 'M14 8 L21 13 L15 19Z'),
  area('accent', 'M50 8 L43 13 L49 19Z'),
  area('white', oval(23, 23, 5)),
  area('white', oval(41, 23, 5)),
  spot('ink', oval(23.5, 23.5, 2.7)),
  spot('ink', oval(40.5, 23.5, 2.7)),
  area('white', oval(32, 32.5, 7.5, 5)),
  spot('rose', oval(32, 29.6, 2.6, 1.9)),
  hair('ink', 1.4, 'M28 34 Q30 36 32 33 Q34 36 36 34'),
  hair('ink', 1.1, 'M8 28 L22 31 M8 36 L22 33 M56 28 L42 31 M56 36 L42 33'),
]

export const butterfly: readonly Part[] = [
  cloth('M31 33 Q26 6 8 5 Q-2 16 7 30 Q15 39 31 35Z'),
  cloth('M33 33 Q38 6 56 5 Q66 16 57 30 Q49 39 33 35Z'),
  area('accent', 'M31 35 Q14 34 10 46 Q11 61 23 59 Q31 52 31 38Z'),
  area('accent', 'M33 35 Q50 34 54 46 Q53 61 41 59 Q33 52 33 38Z'),
  hair('ink', 1.7, 'M31 16 Q28 8 23 5 M33 16 Q36 8 41 5'),
  area('ink', oval(32, 36, 3.2, 18)),
  spot('ink', oval(32, 17, 4)),
]

export const robot: readonly Part[] = [
  bar('steel', 3, 'M32 10 V4'),
  area('accent', oval(32, 4, 3.4)),
  bar('accent', 6, 'M12 34 Q5 38 6 50'),
  bar('accent', 6, 'M52 34 Q59 38 58 50'),
  area('steel', box(19, 52, 9, 11, 2)),
  area('steel', box(36, 52, 9, 11, 2)),
  area('main', box(13, 8, 38, 21, 5)),
  area('white', oval(23, 18, 5)),
  area('white', oval(41, 18, 5)),
  spot('ink', oval(23, 18, 2.4)),
  spot('ink', oval(41, 18, 2.4)),
  bar('steel', 2.2, 'M26 25.5 H38'),
  cloth(box(12, 31, 40, 23, 4)),
]

export const star: readonly Part[] = [
  area('accent', 'M17 46 L11 61 L28 54Z'),
  area('accent', 'M47 46 L53 61 L36 54Z'),
  cloth(starPath(32, 33, 31, 16)),
  area('white', oval(25, 29, 4.4)),
  area('white', oval(39, 29, 4.4)),
  spot('ink', oval(25.6, 29.6, 2.3)),
  spot('ink', oval(38.4, 29.6, 2.3)),
  bar('ink', 2.2, 'M26 37 Q32 43 38 37'),
  area('accent', 'M32 48 L24 43.5 V52.5Z M32 48 L40 43.5 V52.5Z'),
]
