// Does a picture come out of its own workflow again? Models are compared before anything runs, pixels after.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { RgbImage } from '@dreamgraph/dreamo'
import { type ExecutionEvent, parseWorkflow } from '@dreamgraph/graph'
import { decodePicture, lockPixels, type ModelLock, type PictureRecord, readPictureRecord } from '@dreamgraph/nodes'
import { withWorkbench } from './bench.js'
import { CliError } from './errors.js'
import { readInputs } from './inputs.js'
import type { DeviceChoice } from './options.js'
import { describeFinished } from './progress/wording.js'

export interface VerifyOptions {
  readonly device: DeviceChoice
  /** Values that replace recorded ones: a model or a picture may lie elsewhere by now. */
  readonly input: readonly string[]
  /** Further folders in which relative paths are looked for. */
  readonly from: readonly string[]
  /** Folders of node packs that the picture was made with. */
  readonly pack: readonly string[]
  readonly signal: AbortSignal
  readonly onNote: (line: string) => void
}

/** `differences` is empty when the picture reproduces. */
export interface Verdict {
  readonly picture: string
  readonly reproduces: boolean
  readonly differences: readonly string[]
}

/** Throws cli/record-missing for a picture that does not say how it was made, and what opening and running throw. */
export async function verifyPicture(path: string, options: VerifyOptions): Promise<Verdict> {
  const { record, image } = await readPicture(path)
  const verdict = (differences: readonly string[]): Verdict => ({
    picture: path,
    reproduces: differences.length === 0,
    differences,
  })
  if (lockPixels(image).sha256 !== record.lock.pixels.sha256) {
    return verdict(['the pixels in the file are not those that were saved: it was changed afterwards'])
  }
  const loaded = parseWorkflow(record.workflow)
  const inputs = { ...record.inputs, ...(await readInputs(options.input, loaded.document)).values }
  const output = await mkdtemp(join(tmpdir(), 'dreamgraph-verify-'))
  const folders = [dirname(path), ...options.from]
  const { device, pack, signal, onNote } = options
  try {
    return await withWorkbench({ device, pack, cache: false, output, folders, onLog: onNote }, async (bench) => {
      const forecast = await bench.forecast(loaded, { inputs, signal })
      const changed = compareModels(record.lock.models, forecast.models)
      if (changed.length > 0) return verdict(changed)
      const onEvent = (event: ExecutionEvent): void => {
        if (event.type === 'node-finished') onNote(describeFinished(event.report))
      }
      const { written } = await bench.run(loaded, { inputs, signal, onEvent })
      const files = written.map((file) => file.path)
      return verdict(await comparePictures(path, record, files))
    })
  } finally {
    await rm(output, { recursive: true, force: true })
  }
}

async function readPicture(path: string): Promise<{ record: PictureRecord; image: RgbImage }> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new CliError('cli/file-unreadable', `${path}: expected a picture, got ${cause.code ?? cause.message}`, {
      cause,
    })
  })
  const record = readPictureRecord(bytes)
  if (record) return { record, image: await decodePicture(path, path) }
  const hint = 'PNGs saved by an image/save node carry one unless its param "record" is false; editing drops it'
  throw new CliError('cli/record-missing', `${path}: expected a picture with the record of its making, got none`, {
    hint,
  })
}

/** A line for each file that is another one now, or that only one of the two runs uses. */
function compareModels(then: readonly ModelLock[], now: readonly ModelLock[]): string[] {
  const names = new Set([...then, ...now].map(({ role, file }) => `${role} ${file}`))
  return [...names].flatMap((name) => {
    const [old, current] = [then, now].map((lock) => hashesOf(lock, name))
    return old === current ? [] : [`model file ${name}: was ${old}, is ${current}`]
  })
}

function hashesOf(lock: readonly ModelLock[], name: string): string {
  const hashes = lock.filter(({ role, file }) => `${role} ${file}` === name).map(({ sha256 }) => `sha256 ${sha256}`)
  return hashes.sort().join(' and ') || 'not used'
}

/** Nothing when one of the pictures has the recorded pixels; else how the nearest one differs. */
async function comparePictures(path: string, record: PictureRecord, written: readonly string[]): Promise<string[]> {
  const images = await Promise.all(written.map((file) => decodePicture(file, file)))
  if (images.some((image) => lockPixels(image).sha256 === record.lock.pixels.sha256)) return []
  if (images.length === 0) return ['the workflow writes no picture']
  const original = await decodePicture(path, path)
  const same = written.findIndex((file) => basename(file) === basename(path))
  return [describeDifference(original, images[Math.max(same, 0)]!)]
}

function describeDifference(a: RgbImage, b: RgbImage): string {
  if (a.width !== b.width || a.height !== b.height || a.channels !== b.channels) {
    return `the picture is now ${b.width}×${b.height} with ${b.channels} channels`
  }
  let differing = 0
  let largest = 0
  for (let i = 0; i < a.data.length; i++) {
    const difference = Math.abs(a.data[i]! - b.data[i]!)
    if (difference > 0) differing++
    largest = Math.max(largest, difference)
  }
  return `the pixels differ: ${differing} of ${a.data.length} values, by up to ${largest} of 255`
}
