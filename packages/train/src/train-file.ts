// The file of `dreamgraph train`: a training config, and what it is trained on, from what and to where.
import { readFile } from 'node:fs/promises'
import { dirname, extname, join, resolve } from 'node:path'
import { defaultTextTokens } from '@dreamgraph/dreamo'
import { difficultyOf } from '@dreamgraph/world'
import { z } from 'zod'
import { TrainError } from './errors.js'
import { readManifest } from './manifest.js'
import { parseTrainConfig, seedSchema, type TrainConfig } from './train-config.js'
import { checkMixtures, type TrainingData } from './training-data.js'

const side = z.int().min(16).max(4096).multipleOf(16) // whole tokens
const size = z.strictObject({ width: side, height: side })
const knob = z.number().min(0).max(1)

const folderData = z.strictObject({
  /** Folder with a manifest.jsonl, or a manifest by its own name. */
  manifest: z.string().min(1),
  image: size.default({ width: 512, height: 512 }), // a quarter of FLUX's own pixels: what most machines can hold
  reference: size.default({ width: 512, height: 512 }), // DreamO, section 4.1
})

const worldData = z.strictObject({
  world: z.strictObject({
    seed: seedSchema.default(0n),
    /** All knobs alike, or each by its name. */
    difficulty: z
      .union(
        [
          knob.transform(difficultyOf),
          z.strictObject({ shift: knob, scale: knob, flip: knob, tilt: knob, style: knob }),
        ],
        { error: 'expected a number from 0 to 1, or such a number for each of shift, scale, flip, tilt, style' },
      )
      .prefault(0),
    samples: z.int().min(1).max(1e9).default(10_000), // of each task; encoded they take some 100 MB
    referenceSizePx: z.literal([48, 64]).default(64),
  }),
})

const fileSchema = z.strictObject({
  /** A registered model's name, or a folder. */
  model: z.string().min(1),
  data: folderData,
  /** LoRA file to go on from, such as DreamO's release; without it a new adapter begins. */
  start: z.string().min(1).optional(),
  out: z.string().min(1),
  format: z.enum(['dreamo', 'diffusers']).default('dreamo'),
  device: z.enum(['auto', 'cpu', 'webgpu', 'cuda']).default('auto'),
  weights: z.enum(['mapped', 'packed']).default('mapped'), // packed: a tenth faster, and all weights in memory
  placeholders: z.enum(['learn', 'keep']).default('learn'), // keep: where T5 is too large to be part of a step
  textTokens: z.int().min(1).max(4096).default(defaultTextTokens), // as pictures will be made with
})

const worldFileSchema = fileSchema.extend({ data: worldData })

const names = Object.keys(fileSchema.shape) as (keyof z.output<typeof fileSchema>)[]

/** Paths are absolute: what the file names starts at the file's own folder. */
export interface TrainFile extends Omit<z.output<typeof fileSchema>, 'data'> {
  /** As written, to be looked up among registered names first. */
  readonly model: string
  readonly modelFolder: string
  readonly data: z.output<typeof folderData> | z.output<typeof worldData>
  readonly config: TrainConfig
}

/** Reads a training file. Throws train/config-invalid with a line for each fault of all of it. */
export async function readTrainFile(path: string): Promise<TrainFile> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new TrainError('train/config-invalid', `${path}: expected a readable file, got ${cause.code}`, { cause })
  })
  return parseTrainFile(parseJson(text, path), path)
}

/** Checks a parsed training file; relative paths start at the folder of `path`. Throws train/config-invalid. */
export function parseTrainFile(value: unknown, path: string): TrainFile {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TrainError('train/config-invalid', `${path}: expected an object, got ${JSON.stringify(value)}`)
  }
  const isOwn = ([key]: [string, unknown]): boolean => (names as string[]).includes(key)
  const own = Object.fromEntries(Object.entries(value).filter(isOwn))
  const rest = Object.fromEntries(Object.entries(value).filter((entry) => !isOwn(entry)))
  const hasWorld = typeof own.data === 'object' && own.data !== null && 'world' in own.data
  const parsed = (hasWorld ? worldFileSchema : fileSchema).safeParse(own)
  const faults = parsed.error?.issues.map((issue) => `${path}, ${describe(issue, own)}`) ?? []
  let config: TrainConfig | undefined
  try {
    config = parseTrainConfig(rest, path)
  } catch (error) {
    if (!(error instanceof TrainError)) throw error
    faults.push(error.message)
  }
  if (!parsed.data || !config) throw new TrainError('train/config-invalid', faults.join('\n'), { cause: parsed.error })
  const at = (name: string): string => resolve(dirname(path), name)
  const { data: from } = parsed.data
  return {
    ...parsed.data,
    modelFolder: at(parsed.data.model),
    out: at(parsed.data.out),
    ...(parsed.data.start !== undefined && { start: at(parsed.data.start) }),
    data: 'manifest' in from ? { ...from, manifest: manifestFile(at(from.manifest)) } : from,
    config,
  }
}

/** Opens and checks the data of a training file. Throws train/manifest-invalid, train/config-invalid, with every fault. */
export async function readTrainingData({ data: from, config }: TrainFile): Promise<TrainingData> {
  const drawn = config.stages.flatMap(({ mixture }) => Object.keys(mixture).filter((task) => mixture[task] > 0))
  const checked: TrainingData =
    'manifest' in from
      ? { kind: 'folder', ...from, samples: await readManifest(from.manifest, { tasks: [...new Set(drawn)] }) }
      : { kind: 'world', ...from.world }
  checkMixtures(checked, config.stages)
  return checked
}

const manifestFile = (path: string): string => (extname(path) === '.jsonl' ? path : join(path, 'manifest.jsonl'))

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TrainError('train/config-invalid', `${path}: expected JSON, got ${(cause as Error).message}`, { cause })
  }
}

function describe({ path: at, message }: z.core.$ZodIssue, value: unknown): string {
  const got = at.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown> | undefined)?.[key], value)
  return `${at.map(String).join('.') || 'top level'}: ${message}, got ${(JSON.stringify(got) ?? 'nothing').slice(0, 80)}`
}
