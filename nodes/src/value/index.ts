// Values and lists of values, ways to choose between them, and notes.
import type { Node } from '@dreamgraph/graph'
import type { Services } from '../services.js'
import { valueBoolean } from './boolean.js'
import { valueFloat } from './float.js'
import { valueFloatRange } from './float-range.js'
import { valueImageList } from './image-list.js'
import { valueInt } from './int.js'
import { valueIntRange } from './int-range.js'
import { valueNote } from './note.js'
import { valueSeed } from './seed.js'
import { valueSeedList } from './seed-list.js'
import { switches } from './switch.js'
import { valueText } from './text.js'
import { valueTextJoin } from './text-join.js'
import { valueTextList } from './text-list.js'

export const valueNodes: readonly Node<Services>[] = [
  valueInt,
  valueFloat,
  valueText,
  valueBoolean,
  valueSeed,
  valueTextList,
  valueSeedList,
  valueIntRange,
  valueFloatRange,
  valueImageList,
  ...switches,
  valueTextJoin,
  valueNote,
]
