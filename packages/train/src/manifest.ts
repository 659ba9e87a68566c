// A folder of real data: manifest.jsonl with one sample a line. Everything is checked before training begins.
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { findMalformedPlaceholders, findPlaceholders, MAX_REFERENCES, type Size } from '@dreamgraph/dreamo'
import { confinedPath } from '@dreamgraph/store'
import sharp from 'sharp'
import { z } from 'zod'
import { TrainError } from './errors.js'
import { placesOf, plainCaption, withPlaceholders } from './manifest-caption.js'

const path = z.string().min(1)

const lineSchema = z.strictObject({
  /** Picture to learn, relative to the manifest's folder, like all paths. */
  target: path,
  /** Name in the mixture of a training file. */
  task: z.string().min(1),
  /** May contain `[ref#1]` … `[ref#9]`. */
  caption: z.string(),
  /** Phrases of the caption that stand for references, by slot: `{"1": "a dog"}`. */
  placeholders: z.record(z.string().regex(/^[1-9]$/, 'expected a slot from 1 to 9'), z.string().min(1)).default({}),
  /** In slot order: the first is [ref#1]. */
  references: z
    .array(
      z.strictObject({
        image: path,
        task: z.enum(['ip', 'id', 'style']),
        /** Where its subject stands in the target: white on black, of the target's size. */
        mask: path.optional(),
      }),
    )
    .max(MAX_REFERENCES)
    .default([]),
})

/** A file of a sample, with its size in pixels as it is shown (EXIF orientation applied). */
export interface Picture {
  /** Absolute. */
  readonly path: string
  readonly size: Size
}

export interface DataSample {
  /** In the manifest, from 1. */
  readonly line: number
  readonly task: string
  readonly target: Picture
  readonly references: readonly {
    readonly slot: number
    readonly task: 'ip' | 'id' | 'style'
    readonly picture: Picture
    readonly mask?: Picture
  }[]
  /** With `[ref#n]` behind the phrases that stand for references. */
  readonly caption: string
  /** Without placeholders. */
  readonly plainCaption: string
}

/**
 * Reads and checks a manifest. `tasks` are those that a mixture draws; each needs a sample.
 * Throws train/manifest-invalid with a line for each fault of every sample: no JSON, unknown fields, files that are
 * missing or no pictures, masks of another size than the target, captions that name an absent reference, or one twice.
 */
export async function readManifest(
  file: string,
  { tasks = [] }: { tasks?: readonly string[] } = {},
): Promise<DataSample[]> {
  const where = resolve(file)
  const text = await readFile(where, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new TrainError('train/manifest-invalid', `${where}: expected a readable file, got ${cause.code}`, { cause })
  })
  const faults: string[] = []
  const samples: DataSample[] = []
  const pictures = pictureReader(dirname(where))
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const found: string[] = []
    const sample = await readSample(line, i + 1, { pictures, found })
    if (sample && found.length === 0) samples.push(sample)
    faults.push(...found.map((fault) => `${where}:${i + 1}: ${fault}`))
  }
  const seen = new Set(samples.map(({ task }) => task))
  if (faults.length === 0) {
    if (samples.length === 0) faults.push(`${where}: expected a sample, got an empty manifest`)
    const absent = tasks.filter((task) => !seen.has(task))
    for (const task of absent) faults.push(`${where}: expected a sample of task "${task}", got ${[...seen].join(', ')}`)
  }
  if (faults.length > 0) throw new TrainError('train/manifest-invalid', faults.join('\n'))
  return samples
}

type PictureReader = (name: string) => Promise<Picture | string>

async function readSample(
  text: string,
  line: number,
  { pictures, found }: { pictures: PictureReader; found: string[] },
): Promise<DataSample | undefined> {
  const fields = parseLine(text, found)
  if (!fields) return undefined
  const open = async (field: string, name: string): Promise<Picture | undefined> => {
    const picture = await pictures(name)
    if (typeof picture !== 'string') return picture
    found.push(`${field}: ${picture}`)
    return undefined
  }
  const target = await open('target', fields.target)
  const references: DataSample['references'][number][] = []
  for (const [i, { image, task, mask: maskName }] of fields.references.entries()) {
    const picture = await open(`references.${i}.image`, image)
    const mask = maskName === undefined ? undefined : await open(`references.${i}.mask`, maskName)
    if (target && mask && printSize(mask.size) !== printSize(target.size)) {
      const rule = `the target's size ${printSize(target.size)}`
      found.push(`references.${i}.mask: expected ${rule}, got ${printSize(mask.size)}`)
    }
    if (picture) references.push({ slot: i + 1, task, picture, ...(mask && { mask }) })
  }
  found.push(...captionFaults(fields))
  const { task, caption, placeholders } = fields
  if (!target || found.length > 0) return undefined
  return {
    line,
    task,
    target,
    references,
    caption: withPlaceholders(caption, placeholders),
    plainCaption: plainCaption(caption),
  }
}

type Fields = z.output<typeof lineSchema>

function parseLine(text: string, found: string[]): Fields | undefined {
  try {
    const parsed = lineSchema.safeParse(JSON.parse(text))
    if (parsed.success) return parsed.data
    found.push(...parsed.error.issues.map(({ path: at, message }) => `${at.join('.') || 'sample'}: ${message}`))
  } catch (error) {
    found.push(`expected JSON, got ${(error as Error).message}`)
  }
  return undefined
}

const placeRule = 'whole words of the caption, apart from those of other placeholders'

function captionFaults({ caption, placeholders, references }: Fields): string[] {
  const count = references.length
  const rule = count === 0 ? 'no placeholder, as there are no references' : `a reference from 1 to ${count}`
  const named = findPlaceholders(caption).filter(({ slot }) => slot !== null && slot > count)
  const malformed = findMalformedPlaceholders(caption)
  const bound = Object.entries(placeholders)
  const tokens = findPlaceholders(caption).map(({ token }) => token)
  const repeated = new Set(tokens.filter((token, i) => tokens.indexOf(token) < i))
  const phrases = bound.map(([, phrase]) => phrase)
  const placed = new Set(placesOf(caption, placeholders).map(({ slot }) => slot))
  return [
    ...named.map(({ token }) => `caption: expected ${rule}, got ${token}`),
    ...malformed.map(({ text, suggestion }) => `caption: expected ${suggestion}, got ${text}`),
    ...[...repeated].map((token) => `caption: expected ${token} once, got it again`),
    ...bound
      .filter(([, phrase], i) => phrases.indexOf(phrase) < i)
      .map(([slot, phrase]) => `placeholders.${slot}: expected a phrase of its own, got "${phrase}" again`),
    ...bound
      .filter(([slot]) => Number(slot) > count)
      .map(([slot]) => `placeholders.${slot}: expected ${rule}, got ${slot}`),
    ...bound
      .filter(([slot, phrase], i) => !placed.has(slot) && phrases.indexOf(phrase) === i)
      .map(([slot, phrase]) => `placeholders.${slot}: expected ${placeRule}, got "${phrase}"`),
  ]
}

/** Opens pictures of a folder, each once. A fault comes back as its text. */
function pictureReader(folder: string): PictureReader {
  const known = new Map<string, Promise<Picture | string>>()
  const open = async (name: string): Promise<Picture | string> => {
    try {
      const file = await confinedPath(folder, name)
      const picture = sharp(file, { failOn: 'error' })
      const { autoOrient } = await picture.metadata()
      await picture.resize(8, 8, { fit: 'fill' }).raw().toBuffer() // a header may be whole while the rest is not
      return { path: file, size: { height: autoOrient.height, width: autoOrient.width } }
    } catch (error) {
      return `expected a picture in the manifest's folder, got ${name} (${(error as Error).message.split('\n')[0]})`
    }
  }
  return (name) => {
    const picture = known.get(name) ?? open(name)
    known.set(name, picture)
    return picture
  }
}

const printSize = ({ width, height }: Size): string => `${width}×${height}`
