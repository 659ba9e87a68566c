// Models that come with the repository: they have their names from the start.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ModelEntry } from './model-registry.js'

const folder = fileURLToPath(new URL('../../models', import.meta.url))

/** `mini`, unless this copy of the code came without its models. */
export function shippedModels(): Readonly<Record<string, ModelEntry>> {
  const mini = join(folder, 'mini')
  return existsSync(join(mini, 'model_index.json')) ? { mini: { folder: mini } } : {}
}
