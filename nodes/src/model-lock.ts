// What a model is made of: every file that decides what it computes, and the hashes that stand for their content.
import { createHash } from 'node:crypto'
import { access, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Model, ModelFiles, QuantizeScheme } from '@dreamgraph/dreamo'
import type { FileDigests } from '@dreamgraph/store'

/** A file that a run used: its role, its name and what was in it. */
export interface ModelLock {
  readonly role: string
  readonly file: string
  readonly sha256: string
}

/** A file by its place. */
export interface RoleFile {
  readonly role: string
  readonly path: string
}

export interface OpenOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number, label: string) => void
  /** How to quantize the transformer. Default: what the workbench was opened with. */
  readonly quantize?: QuantizeScheme
}

/** Hashes files, in order. Throws store/file-unreadable. */
export async function lockOf(
  files: readonly RoleFile[],
  digests: FileDigests,
  { signal, onProgress }: OpenOptions,
): Promise<ModelLock[]> {
  const lock: ModelLock[] = []
  const known = await Promise.all(files.map(({ path }) => digests.known(path)))
  for (const [i, { role, path }] of files.entries()) {
    const label = `hashing ${basename(path)}`
    const onHashed = ({ doneBytes, totalBytes }: { doneBytes: number; totalBytes: number }): void =>
      onProgress?.(doneBytes, totalBytes, label)
    const sha256 = known[i] ?? (await digests.digest(path, { signal, onProgress: onHashed }))
    lock.push({ role, file: basename(path), sha256 })
  }
  return lock
}

/** Every file that decides what a model computes: checkpoints, configs, tokenizers, schedule. */
export async function filesOf({ files, transformer, vae, clip, t5 }: Model): Promise<RoleFile[]> {
  const checkpoints = { transformer, vae, textEncoder: clip, textEncoder2: t5 }
  const all: RoleFile[] = []
  for (const [role, path] of Object.entries(files) as [keyof ModelFiles, string][]) {
    const weights = role in checkpoints ? checkpoints[role as keyof typeof checkpoints].files : []
    for (const file of [...weights, ...(await textFilesOf(path))]) all.push({ role, path: file })
  }
  return all
}

/** The small files of a component folder, in a stable order; the config beside a single file. */
async function textFilesOf(path: string): Promise<string[]> {
  const names = await readdir(path).catch(() => undefined)
  if (names)
    return names
      .filter(isText)
      .sort()
      .map((name) => join(path, name))
  return besides(path, 'config.json')
}

/** A LoRA, and the configuration beside it, which may set its scale: an edited one has to count. */
export async function loraFilesOf(path: string): Promise<RoleFile[]> {
  const paths = [path, ...(await besides(path, 'adapter_config.json'))]
  return paths.map((file) => ({ role: 'lora', path: file }))
}

/** The file of this name in the same folder, if there is one. */
function besides(path: string, name: string): Promise<string[]> {
  const file = join(dirname(path), name)
  return access(file).then(
    () => [file],
    () => [],
  )
}

const isText = (name: string): boolean => /\.(json|txt|model)$/.test(name)

/** Configs count by what was read from them as well: those of single files follow from their shapes. */
export function digestOf(
  { transformer, vae, clip, t5, scheduler, quantization }: Model,
  lock: readonly ModelLock[],
): string {
  const configs = [transformer.config, vae.config, clip.config, t5.config, scheduler]
  const scheme = quantization?.scheme ? [quantization.scheme] : [] // without one the digest is what it always was
  return digestJson([lock.map(({ role, sha256 }) => [role, sha256]), configs, ...scheme])
}

export const digestJson = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')
