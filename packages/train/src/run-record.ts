// run.json of a run's folder: what its checkpoints were trained on. Their own metadata hold the config alone.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '@dreamgraph/store'
import { TrainError } from './errors.js'

/** What a run must have in common with its checkpoints, by a name that people know: `model` → a digest or a setting. */
export type RunRecord = Readonly<Record<string, string>>

/**
 * Takes a folder for a run, or finds that it has it already. Throws train/checkpoint-invalid, with the names of what
 * differs, when the folder belongs to a run on something else.
 */
export async function claimRunFolder(folder: string, record: RunRecord): Promise<void> {
  if (await checkRunFolder(folder, record)) return
  await writeFileAtomic(recordOf(folder), `${JSON.stringify(record, null, 2)}\n`)
}

/** The same without taking it; says whether the run has begun. */
export async function checkRunFolder(folder: string, record: RunRecord): Promise<boolean> {
  const path = recordOf(folder)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new TrainError('train/checkpoint-invalid', `${path}: expected a readable file, got ${error.code}`)
  })
  if (text === undefined) return false
  const begun = parseRecord(text, path)
  const faults = Object.entries(record).flatMap(([name, value]) => {
    const rule = `the ${name} that this run was begun with (${shorten(begun[name])})`
    // Older runs say nothing of what they did not have.
    const isSame = begun[name] === value || (begun[name] === undefined && value === 'none')
    return isSame ? [] : [`${path}: expected ${rule}, got ${shorten(value)}`]
  })
  if (faults.length === 0) return true
  throw new TrainError('train/checkpoint-invalid', `${faults.join('\n')}; another folder starts another run`)
}

const recordOf = (folder: string): string => join(folder, 'run.json')

function parseRecord(text: string, path: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text))
  } catch (cause) {
    throw new TrainError('train/checkpoint-invalid', `${path}: expected JSON, got ${(cause as Error).message}`, {
      cause,
    })
  }
}

/** Digests are known by their first digits. */
const shorten = (value: unknown): string =>
  value === undefined ? 'none' : String(value).replace(/([0-9a-f]{12})[0-9a-f]{52}/g, '$1…')
