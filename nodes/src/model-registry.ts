// Models by name: a small file in the user's folder that says where each lies. Nothing is copied or downloaded.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
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

const registrySchema = z.object({ models: z.record(z.string(), entrySchema) })

export interface ModelRegistry {
  readonly file: string
  readonly list: () => Promise<Readonly<Record<string, ModelEntry>>>
  /** Folder of a registered model; undefined for an unknown name, or a model of single files. */
  readonly find: (name: string) => Promise<string | undefined>
  readonly add: (name: string, entry: ModelEntry) => Promise<void>
  /** True when there was such a model. Its files stay. */
  readonly remove: (name: string) => Promise<boolean>
}

/** The registry in a home folder. Throws nodes/registry-invalid when its file is damaged. */
export function openRegistry(home: string): ModelRegistry {
  const file = join(home, 'models.json')
  const read = async (): Promise<Record<string, ModelEntry>> => {
    try {
      const { models } = registrySchema.parse(JSON.parse(await readFile(file, 'utf8')))
      // Names come from documents: `constructor` must not be found in here.
      return Object.assign(Object.create(null), models)
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      if (code === 'ENOENT') return Object.create(null)
      throw new NodesError('nodes/registry-invalid', `${file}: expected a list of models, got ${message}`, { cause })
    }
  }
  const write = (models: Record<string, ModelEntry>): Promise<void> =>
    writeFileAtomic(file, `${JSON.stringify({ models }, null, 2)}\n`)
  return {
    file,
    list: read,
    find: async (name) => (await read())[name]?.folder,
    async add(name, entry) {
      if (!/^[a-z\d][\w.-]*$/i.test(name)) {
        const rule = 'a name of letters, digits, dots, dashes and underscores that begins with a letter or digit'
        throw new NodesError('nodes/model-name-invalid', `models: expected ${rule}, got "${name}"`)
      }
      await write({ ...(await read()), [name]: entry })
    },
    async remove(name) {
      const { [name]: removed, ...rest } = await read()
      if (removed) await write(rest)
      return removed !== undefined
    },
  }
}
