// Which files of a repository make a model: its weights and configs, once each, and nothing that runs code when opened.
import { StoreError } from '../errors.js'
import type { HubFile, HubListing } from './hub.js'

/** A file that might have been expected, and why it does not come along. */
export interface SkippedFile {
  readonly path: string
  readonly why: string
}

export interface FileChoice {
  readonly files: readonly HubFile[]
  readonly skipped: readonly SkippedFile[]
}

/** What is taken unless something else is asked for. */
export const defaultPatterns: readonly string[] = ['*.safetensors', '*.json', '*.txt', '*.model', 'tokenizer*/*']

const pickle = /\.(bin|pt|pth|ckpt|pkl|pickle)$/i
const pickleReason = 'a pickle, which may run any code when it is opened; only .safetensors are taken'

/**
 * Files that match any pattern, in which `*` stands for any characters, slashes too. A file that is a double of another
 * is taken only when it is named without `*`. Throws store/hub-missing for a pattern that matches nothing,
 * store/download-refused for a pickle that is named, and when nothing is left.
 */
export function chooseFiles({ repo, files }: HubListing, patterns: readonly string[] = defaultPatterns): FileChoice {
  const named = new Set(patterns.filter((pattern) => !pattern.includes('*')))
  if (patterns !== defaultPatterns) refuseUnmatched(repo, files, patterns)
  const paths = new Set(files.map(({ path }) => path))
  const chosen: HubFile[] = []
  const skipped: SkippedFile[] = []
  for (const file of files) {
    const { path } = file
    const isAsked = patterns.some((pattern) => matches(pattern, path))
    // Unasked, pickles are still spoken of: who looks for weights wonders where they are.
    const isOfInterest = isAsked || (patterns === defaultPatterns && pickle.test(path))
    if (!isOfInterest) continue
    if (pickle.test(path) && named.has(path)) {
      throw new StoreError(
        'store/download-refused',
        `${repo}: expected weights as .safetensors, got ${path}, ${pickleReason}`,
      )
    }
    const why = pickle.test(path) ? pickleReason : named.has(path) ? undefined : doubleReason(path, paths)
    if (why === undefined) chosen.push(file)
    else skipped.push({ path, why })
  }
  if (chosen.length === 0) {
    const why = skipped.length > 0 ? `; ${skipped[0]!.path} is ${skipped[0]!.why}` : ''
    throw new StoreError('store/download-refused', `${repo}: expected weights or configs, got none${why}`)
  }
  return { files: chosen, skipped }
}

/** Whether a path matches a pattern. Takes the first place for each piece, so hostile patterns cost no more than others. */
export function matches(pattern: string, path: string): boolean {
  const [start, ...pieces] = pattern.split('*')
  const end = pieces.pop()
  if (end === undefined) return path === start
  if (!path.startsWith(start!) || !path.endsWith(end) || path.length < start!.length + end.length) return false
  let at = start!.length
  for (const piece of pieces) {
    const found = path.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return at <= path.length - end.length
}

function refuseUnmatched(repo: string, files: readonly HubFile[], patterns: readonly string[]): void {
  const unmatched = patterns.find((pattern) => !files.some(({ path }) => matches(pattern, path)))
  if (unmatched === undefined) return
  const rule = unmatched.includes('*') ? 'a pattern that matches some file' : 'a file that is there'
  throw new StoreError('store/hub-missing', `${repo}: expected ${rule}, got ${JSON.stringify(unmatched)}`)
}

/** Why a file holds what others hold already. */
function doubleReason(path: string, paths: ReadonlySet<string>): string | undefined {
  const isThere = (pattern: string): boolean => [...paths].some((other) => matches(pattern, other))
  if (/^[^/]+\.safetensors$/.test(path) && isThere('transformer/*.safetensors')) {
    return 'the weights of the folders once more, in one file'
  }
  // As diffusers names them: model.fp16.safetensors, model.fp16-00001-of-00002.safetensors, …index.fp16.json.
  const [, stem, variant] = /^(.+)\.(fp16|bf16|fp8|fp32|ema|non_ema)(?:-\d+-of-\d+)?\.safetensors$/.exec(path) ?? []
  const [, indexed] = /^(.+)\.safetensors\.index\.\w+\.json$/.exec(path) ?? []
  const plain = stem ?? indexed
  if (plain !== undefined && (paths.has(`${plain}.safetensors`) || paths.has(`${plain}.safetensors.index.json`))) {
    return `the weights of ${plain}.safetensors once more${variant ? `, in ${variant}` : ''}`
  }
  return undefined
}
