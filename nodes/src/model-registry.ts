// Models by name: a small file in the user's folder that says where each lies. Nothing is copied or downloaded.
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { writeFileAtomic } from '@dreamgraph/store'
import { z } from 'zod'
import { NodesError } from './errors.js'

const entrySchema = z.object({
  /** Folder in the layout of FLUX.1-dev; parts given below take precedence. */
  folder: z.string().optional(),
  transformer: z.string().optional(),
  vae: z.string().optional(),
  textEncoder: z.string().optional(),
  textEncoder2: z.string().optional(),
  tokenizer: z.string().optional(),
  tokenizer2: z.string().optional(),
  scheduler: z.string().optional(),
})

/** Absolute paths of a registered model. */
export type ModelEntry = z.output<typeof entrySchema>

/** What else stands in the file stays there when it is written again. */
const registrySchema = z.looseObject({ models: z.record(z.string(), z.looseObject(entrySchema.shape)) })

type RegistryFile = z.output<typeof registrySchema>

export interface ModelRegistry {
  readonly file: string
  readonly list: () => Promise<Readonly<Record<string, ModelEntry>>>
  /** Folder of a registered model; undefined for an unknown name, or a model of single files. */
  readonly find: (name: string) => Promise<string | undefined>
  readonly add: (name: string, entry: ModelEntry) => Promise<void>
  /** True when there was such a model. Its files stay. */
  readonly remove: (name: string) => Promise<boolean>
}

/**
 * The registry in a home folder. `shipped` models have their names without being in the file; an entry of the same name
 * takes precedence. Throws nodes/registry-invalid when the file is damaged.
 */
export function openRegistry(home: string, shipped: Readonly<Record<string, ModelEntry>> = {}): ModelRegistry {
  const file = join(home, 'models.json')
  const read = async (): Promise<RegistryFile> => {
    try {
      return registrySchema.parse(JSON.parse(await readFile(file, 'utf8')))
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      if (code === 'ENOENT') return { models: {} }
      throw new NodesError('nodes/registry-invalid', `${file}: expected a list of models, got ${message}`, { cause })
    }
  }
  const list = async (): Promise<Record<string, ModelEntry>> => {
    const entries = Object.entries((await read()).models)
    // Names come from documents: `constructor` must not be found in here.
    return Object.assign(
      Object.create(null),
      shipped,
      Object.fromEntries(entries.map(([name, entry]) => [name, absoluteEntry(entry, dirname(file))])),
    )
  }
  // One change after the other, each on what the one before has written.
  let changes: Promise<unknown> = Promise.resolve()
  const change = <T>(edit: (models: RegistryFile['models']) => T): Promise<T> => {
    const changed = changes.then(async () => {
      const registry = await read()
      const result = edit(registry.models)
      await writeFileAtomic(file, `${JSON.stringify(registry, null, 2)}\n`)
      return result
    })
    changes = changed.catch(() => {})
    return changed
  }
  return {
    file,
    list,
    find: async (name) => (await list())[name]?.folder,
    async add(name, entry) {
      assertModelName(name)
      await change((models) => {
        models[name] = entry
      })
    },
    remove: (name) =>
      change((models) => {
        const isThere = Object.hasOwn(models, name)
        delete models[name]
        return isThere
      }),
  }
}

/** Throws nodes/model-name-invalid. */
export function assertModelName(name: string): void {
  if (/^[a-z\d][\w.-]*$/i.test(name)) return
  const rule = 'a name of letters, digits, dots, dashes and underscores that begins with a letter or digit'
  throw new NodesError('nodes/model-name-invalid', `models: expected ${rule}, got "${name}"`)
}

/** The entry's known parts; relative paths, as people write them by hand, start where the registry lies. */
function absoluteEntry(entry: ModelEntry, folder: string): ModelEntry {
  const parts = Object.keys(entrySchema.shape) as (keyof ModelEntry)[]
  return Object.fromEntries(parts.flatMap((part) => (entry[part] ? [[part, resolve(folder, entry[part])]] : [])))
}
