// LoRA on a model. Several stack in order; each keeps its own weight, and a module may have branches from all of them.
import { basename } from 'node:path'
import { assertLoraFits, loraScales, matchLora, openLora, viewSizeBytes } from '@dreamgraph/weights'
import { readEmbeddings } from './embeddings.js'
import { type LoraRequest, type Model, withPlaceholders } from './model.js'
import type { Adapter } from './parameters.js'

/**
 * The model with LoRA added. Embeddings that a file brings (DreamO's own LoRA does) come with it.
 * Throws weights/lora-does-not-fit with the first keys that do not fit, dreamo/embeddings-invalid.
 */
export async function withLoras(base: Model, requests: readonly LoraRequest[]): Promise<Model> {
  let model = base
  for (const request of requests) model = await withLora(model, request)
  return model
}

/** Most that the transformer's weights may take, as they are stored, for copies of them not to matter. */
const smallBytes = 64 * 2 ** 20

/**
 * How LoRA enters a model where nobody says. Branches take no memory, and at full size hardly any time; a small model's
 * steps take half as long again with them, and copies of its weights cost nothing.
 */
export const suitedLoraMode = (model: Pick<Model, 'transformer'>): Model['loraMode'] =>
  isSmall(model) ? 'fused' : 'branches'

/** Whether copies of the transformer's weights do not matter. */
export function isSmall({ transformer }: Pick<Model, 'transformer'>): boolean {
  let bytes = 0
  for (const view of transformer.weights.values()) bytes += viewSizeBytes(view)
  return bytes <= smallBytes
}

async function withLora(model: Model, request: LoraRequest): Promise<Model> {
  const { path, weight } = request
  const lora = await openLora(path)
  assertLoraFits(matchLora(lora, model.transformer.weights), path)
  const scales = loraScales(lora.modules, weight)
  const adapters = new Map(model.adapters)
  // Names tell two uses of one file apart: the graph knows each tensor by its name.
  const name = `lora${model.loras.length}-${basename(path)}`
  for (const [module, { down, up }] of lora.modules) {
    const adapter: Adapter = { name, down, up, scale: scales.get(module)! }
    adapters.set(module, [...(adapters.get(module) ?? []), adapter])
  }
  const { format, configFile } = lora
  const applied = { path, weight, format, modules: lora.modules.size, ...(configFile && { configFile }) }
  const loras = [...model.loras, applied]
  const widths = { hiddenSize: model.transformer.config.hiddenSize, t5Width: model.t5.config.hiddenSize, where: path }
  const embeddings = await readEmbeddings(lora.embeddings, widths)
  if (!embeddings) return { ...model, adapters, loras }
  return { ...model, adapters, loras, embeddings, t5: withPlaceholders(model.t5, embeddings) }
}
