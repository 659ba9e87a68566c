// Pictures: in and out of files, sizes, layers and masks.
import type { Node } from '@dreamgraph/graph'
import { maskNodes } from '../mask/index.js'
import type { Services } from '../services.js'
import { imageApplyMask } from './apply-mask.js'
import { imageComposite } from './composite.js'
import { imageCrop } from './crop.js'
import { imageFaceCrop } from './face-crop.js'
import { imageFlipRotate } from './flip-rotate.js'
import { imageJoin } from './join.js'
import { imageLoad } from './load.js'
import { imagePad } from './pad.js'
import { imagePreview } from './preview.js'
import { imageRemoveBackground } from './remove-background.js'
import { imageResize } from './resize.js'
import { imageResizeArea } from './resize-area.js'
import { imageResizeLongEdge } from './resize-long-edge.js'
import { imageSave } from './save.js'
import { imageSplitAlpha } from './split-alpha.js'

export const imageNodes: readonly Node<Services>[] = [
  imageLoad,
  imageSave,
  imagePreview,
  imageResizeArea,
  imageResizeLongEdge,
  imageResize,
  imageCrop,
  imagePad,
  imageFlipRotate,
  imageComposite,
  imageJoin,
  imageSplitAlpha,
  imageApplyMask,
  imageRemoveBackground,
  imageFaceCrop,
  ...maskNodes,
]
