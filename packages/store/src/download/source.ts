// A note in a downloaded folder of where its files came from, so that the next download knows which are its own.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreError } from '../errors.js'
import { writeFileAtomic } from '../write-atomic.js'

export interface Source {
  readonly repo: string
  readonly commit: string
  /** Path → hash, of what has come or is to come. */
  readonly files: Readonly<Record<string, string>>
}

export const sourceFile = '.dreamgraph-source.json'

/** The note, or an empty one. Throws store/download-mixed when the folder holds another repository. */
export async function readSource(folder: string, repo: string): Promise<Pick<Source, 'files'>> {
  const source = await readFile(join(folder, sourceFile), 'utf8').then(parse, () => undefined)
  if (!source) return { files: {} }
  if (source.repo.toLowerCase() === repo.toLowerCase()) return source
  const rule = `an empty folder or one of ${repo}`
  throw new StoreError('store/download-mixed', `${folder}: expected ${rule}, got files of ${source.repo}`)
}

export async function writeSource(folder: string, source: Source): Promise<void> {
  await writeFileAtomic(join(folder, sourceFile), `${JSON.stringify(source, null, 2)}\n`)
}

/** A note that was tampered with counts as none: then files are checked one by one, and none is removed. */
function parse(text: string): Source | undefined {
  try {
    const { repo, commit, files } = JSON.parse(text) as Record<string, unknown>
    const isMap =
      typeof files === 'object' && files !== null && Object.values(files).every((v) => typeof v === 'string')
    if (typeof repo !== 'string' || typeof commit !== 'string' || !isMap) return undefined
    return { repo, commit, files: files as Record<string, string> }
  } catch {
    return undefined
  }
}
