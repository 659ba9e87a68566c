import { modelAdapter } from './adapter.js'
import { modelLoad } from './load.js'
import { modelLoadFiles } from './load-files.js'
import { modelLora } from './lora.js'
import { modelPreset } from './preset.js'

export const modelNodes = [modelLoad, modelLoadFiles, modelLora, modelAdapter, modelPreset] as const
