// Where new pictures go: names that overwrite nothing they should not, also with many writers at once.
import { readdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { writeFileNew } from '@dreamgraph/store'
import { NodesError } from '../errors.js'

/** File systems take 255 bytes; a number, an extension and the name of a temporary file must fit too. */
const maxNameBytes = 180

/**
 * A name without extension as a file system takes it, `/` between folders: refused characters become _, and long names,
 * as prompts make them, are cut. Throws nodes/name-invalid.
 */
export function fileStem(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: file systems refuse exactly these
  const stem = name.trim().replace(/[<>:"|?*\\\u0000-\u001f]/g, '_')
  if (/(^|\/)\.*$/.test(stem)) {
    throw new NodesError('nodes/name-invalid', `name: expected the name of a file, got ${JSON.stringify(name)}`)
  }
  return stem.split('/').map(shorten).join('/')
}

function shorten(segment: string): string {
  const letters = [...segment]
  while (Buffer.byteLength(letters.join('')) > maxNameBytes) letters.pop()
  return letters.join('')
}

/**
 * Writes `<stem>-<number>.<extension>` with one more than the highest number in the folder, whatever its extension, and
 * returns the path. Callers of one process get numbers in the order of their calls, before `encode` has run; another
 * process that takes the number first only moves ours on.
 */
export async function writeNumbered(
  resolveStem: () => Promise<string>,
  extension: string,
  encode: () => Promise<Uint8Array>,
): Promise<string> {
  let { stemPath, number } = await claimNumber(resolveStem)
  const bytes = await encode()
  for (;;) {
    const path = `${stemPath}-${String(number).padStart(4, '0')}.${extension}`
    if (await writeFileNew(path, bytes)) {
      // From here on the file itself keeps the number.
      if (given.get(stemPath) === number) given.delete(stemPath)
      return path
    }
    number = (await claimNumber(resolveStem)).number
  }
}

/** Paths that each run has written under names of its own. */
const written = new WeakMap<object, Set<string>>()

/** Takes the path for one picture of the run; false when another picture of the same run has it. */
export function claimPath(run: object, path: string): boolean {
  const paths = written.get(run) ?? new Set()
  written.set(run, paths)
  if (paths.has(path)) return false
  paths.add(path)
  return true
}

/** The number last given out by this process, for each stem. */
const given = new Map<string, number>()

/** The last claim, after which the next begins. */
let claims: Promise<unknown> = Promise.resolve()

function claimNumber(resolveStem: () => Promise<string>): Promise<{ stemPath: string; number: number }> {
  const claim = claims.then(async () => {
    const stemPath = await resolveStem()
    const number = Math.max(given.get(stemPath) ?? 0, await highestNumber(stemPath)) + 1
    given.set(stemPath, number)
    return { stemPath, number }
  })
  claims = claim.catch(() => {})
  return claim
}

async function highestNumber(stemPath: string): Promise<number> {
  const start = `${basename(stemPath)}-`
  const names = await readdir(dirname(stemPath)).catch(() => [])
  const numbers = names.map((name) => {
    if (!name.startsWith(start)) return 0
    return Number(/^(\d{4,12})\.[a-z]+$/.exec(name.slice(start.length))?.[1] ?? 0)
  })
  return numbers.reduce((highest, number) => Math.max(highest, number), 0)
}
