import { dreamoEncodeReference } from './encode-reference.js'
import { dreamoEncodeText } from './encode-text.js'
import { dreamoPackConditions } from './pack-conditions.js'
import { dreamoRoutingMask } from './routing-mask.js'
import { dreamoSample } from './sample.js'

export const dreamoNodes = [
  dreamoEncodeText,
  dreamoEncodeReference,
  dreamoPackConditions,
  dreamoSample,
  dreamoRoutingMask,
] as const
