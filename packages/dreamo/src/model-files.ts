// Where the parts of a model lie: a folder as FLUX.1-dev comes, or each part by its own path.
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { DreamoError } from './errors.js'

/** Paths of a model's parts: each a component folder or a single checkpoint file; tokenizers and scheduler are folders. */
export interface ModelFiles {
  readonly transformer: string
  readonly vae: string
  /** CLIP */
  readonly textEncoder: string
  /** T5 */
  readonly textEncoder2: string
  readonly tokenizer: string
  readonly tokenizer2: string
  /** Without it FLUX.1-dev's schedule is used. */
  readonly scheduler?: string
}

const folderNames: Record<keyof ModelFiles, string> = {
  transformer: 'transformer',
  vae: 'vae',
  textEncoder: 'text_encoder',
  textEncoder2: 'text_encoder_2',
  tokenizer: 'tokenizer',
  tokenizer2: 'tokenizer_2',
  scheduler: 'scheduler',
}

/**
 * The files of a model folder, with single parts replaced by `overrides`.
 * Throws dreamo/files-missing with everything that is not there.
 */
export async function modelFiles(folder: string | undefined, overrides: Partial<ModelFiles> = {}): Promise<ModelFiles> {
  const files: Partial<Record<keyof ModelFiles, string>> = {}
  const missing: string[] = []
  for (const [part, name] of Object.entries(folderNames) as [keyof ModelFiles, string][]) {
    const path = overrides[part] || (folder === undefined ? undefined : join(folder, name))
    const there = path !== undefined && (await exists(path))
    if (there) files[part] = path
    else if (part !== 'scheduler' || overrides.scheduler) missing.push(path ?? `a path for ${part}`)
  }
  if (missing.length > 0) {
    throw new DreamoError(
      'dreamo/files-missing',
      `${folder ?? 'model'}: expected every part of a FLUX model, got nothing at ${missing.join(', ')}`,
    )
  }
  return files as ModelFiles
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
