// Every node there is.
import { type Catalogue, catalogue } from '@dreamgraph/graph'
import { dreamoNodes } from './dreamo/index.js'
import { imageNodes } from './image/index.js'
import { latentNodes } from './latent/index.js'
import { modelNodes } from './model/index.js'
import type { Services } from './services.js'
import { trainNodes } from './train/index.js'
import { vaeNodes } from './vae/index.js'
import { valueNodes } from './value/index.js'

export const nodeCatalogue: Catalogue<Services> = catalogue([
  ...modelNodes,
  ...imageNodes,
  ...dreamoNodes,
  ...latentNodes,
  ...vaeNodes,
  ...trainNodes,
  ...valueNodes,
])
