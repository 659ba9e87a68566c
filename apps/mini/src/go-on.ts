// A trained model as the start of more training.
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { openSafetensors, toFloat32 } from '@dreamgraph/weights'
import { copyModel } from './copy-model.js'
import { baseParts } from './model-folder.js'

/** Takes all parts of a trained model, unless that was done before. */
export async function beginFrom(from: string, model: string): Promise<void> {
  const isThere = await access(join(model, 'DreamO')).then(
    () => true,
    () => false,
  )
  if (!isThere) await copyModel(from, model)
  console.log(`goes on from ${from}`)
}

/** Values of a trained base by the names that they have while it learns. */
export async function baseStart(from: string): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>()
  for (const { prefix, file } of baseParts) {
    const { tensors } = await openSafetensors(join(from, file))
    for (const [name, view] of tensors) values.set(prefix + name, await toFloat32(view))
  }
  return values
}
