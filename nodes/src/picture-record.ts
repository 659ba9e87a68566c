// What a saved picture says about its making: the flow, what it was given, and which files and pixels came of it.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RgbImage } from '@dreamgraph/dreamo'
import { isJsonObject, type JsonObject, type JsonValue } from '@dreamgraph/graph'
import { NodesError } from './errors.js'
import type { ModelLock } from './model-lock.js'
import { readPngTexts, writePngTexts } from './png-text.js'
import type { RunRecord } from './services.js'

/** Keyword of the iTXt chunk. */
const keyword = 'dreamgraph'

export interface PictureRecord {
  /** The workflow document as it ran, text. */
  readonly workflow: string
  /** Values given to its declared inputs. */
  readonly inputs: Readonly<Record<string, JsonValue>>
  readonly lock: {
    /** Version of the node catalogue that ran it, which fixes the version of every node. */
    readonly dreamgraph: string
    /** Every model file the run had used when the picture was saved. */
    readonly models: readonly ModelLock[]
    readonly pixels: PixelLock
  }
}

/** Identifies pixels: what a second run must bring about. */
export interface PixelLock {
  readonly width: number
  readonly height: number
  readonly channels: number
  /** Of the raw bytes, rows top to bottom, channels interleaved; hex. */
  readonly sha256: string
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** The record of a picture that this run has made. Holds no time and no machine, so equal runs give equal files. */
export function pictureRecord(image: RgbImage, run: RunRecord): PictureRecord {
  return {
    workflow: run.workflow,
    inputs: toJson(run.inputs),
    lock: { dreamgraph: version, models: run.models().toSorted(byRole), pixels: lockPixels(image) },
  }
}

/** Branches of a flow open models in any order. */
const byRole = (a: ModelLock, b: ModelLock): number => {
  const [first, second] = [a, b].map(({ role, file, sha256 }) => `${role}\n${file}\n${sha256}`) as [string, string]
  return first < second ? -1 : 1
}

export function lockPixels({ width, height, channels, data }: RgbImage): PixelLock {
  return { width, height, channels, sha256: createHash('sha256').update(data).digest('hex') }
}

/** The PNG file with the record in it, in the place of any former one. */
export function writePictureRecord(png: Uint8Array, record: PictureRecord): Uint8Array {
  return writePngTexts(png, { [keyword]: JSON.stringify(record) })
}

/** The record in a PNG file; undefined when it has none. Throws nodes/png-malformed, nodes/record-malformed. */
export function readPictureRecord(png: Uint8Array): PictureRecord | undefined {
  const text = readPngTexts(png).get(keyword)
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    return malformed('JSON', 'other text', cause)
  }
  return checkRecord(value)
}

function checkRecord(record: unknown): PictureRecord {
  if (!isJsonObject(record)) return malformed('an object', typeof record)
  const { workflow, inputs, lock } = record
  if (typeof workflow !== 'string') malformed('"workflow" to be text', typeof workflow)
  if (!isJsonObject(inputs)) malformed('"inputs" to be an object', typeof inputs)
  if (!isJsonObject(lock)) return malformed('"lock" to be an object', typeof lock)
  if (typeof lock.dreamgraph !== 'string') malformed('"lock.dreamgraph" to be text', typeof lock.dreamgraph)
  if (!Array.isArray(lock.models) || !lock.models.every(isModelLock)) {
    malformed('"lock.models" to list role, file and sha256', JSON.stringify(lock.models)?.slice(0, 80) ?? 'nothing')
  }
  if (!isJsonObject(lock.pixels) || !isPixelLock(lock.pixels)) {
    malformed('"lock.pixels" to hold width, height, channels and sha256', typeof lock.pixels)
  }
  return record as unknown as PictureRecord
}

const isModelLock = (value: JsonValue): boolean =>
  isJsonObject(value) && [value.role, value.file, value.sha256].every((field) => typeof field === 'string')

const isPixelLock = ({ width, height, channels, sha256 }: JsonObject): boolean =>
  [width, height, channels].every(Number.isSafeInteger) && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)

/** Inputs may hold seeds, which JSON spells as decimal text. */
function toJson(values: Readonly<Record<string, unknown>>): Record<string, JsonValue> {
  return JSON.parse(JSON.stringify(values, (_, value) => (typeof value === 'bigint' ? `${value}` : value)))
}

function malformed(rule: string, got: string, cause?: unknown): never {
  throw new NodesError('nodes/record-malformed', `picture record: expected ${rule}, got ${got}`, { cause })
}
