// Masks: made from pictures and shapes, combined, widened and softened.
import type { Node } from '@dreamgraph/graph'
import type { Services } from '../services.js'
import { maskCombine } from './combine.js'
import { maskFeather } from './feather.js'
import { maskFromImage } from './from-image.js'
import { maskGrow } from './grow.js'
import { maskInvert } from './invert.js'
import { maskShape } from './shape.js'

export const maskNodes: readonly Node<Services>[] = [
  maskFromImage,
  maskShape,
  maskInvert,
  maskCombine,
  maskGrow,
  maskFeather,
]
