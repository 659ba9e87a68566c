import { latentEmpty } from './empty.js'
import { latentNoise } from './noise.js'

export const latentNodes = [latentNoise, latentEmpty] as const
