// Pictures: in and out of files, sizes, layers and masks.
import type { Node } from '@dreamgraph/graph'
import type { Services } from '../services.js'
import { imageLoad } from './load.js'
import { imagePreview } from './preview.js'
import { imageSave } from './save.js'

export const imageNodes: readonly Node<Services>[] = [imageLoad, imageSave, imagePreview]
