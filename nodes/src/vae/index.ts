import { vaeDecode } from './decode.js'
import { vaeEncode } from './encode.js'

export const vaeNodes = [vaeDecode, vaeEncode] as const
