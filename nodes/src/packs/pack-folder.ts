// A node pack as it lies on disk: its name, its module, and the digest of all that it is made of.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { confinedPath } from '@dreamgraph/store'
import { z } from 'zod'
import { NodesError } from '../errors.js'

export interface PackFolder {
  /** The area of its nodes: the package's name without its scope. */
  readonly name: string
  /** Absolute, without symlinks. */
  readonly folder: string
  /** Absolute path of the module. */
  readonly module: string
  /** SHA-256 over names and content of all files. */
  readonly digest: string
}

const packageSchema = z.looseObject({
  name: z.string().regex(/^(@[a-z0-9._-]+\/)?[a-z][a-z0-9-]*$/, 'expected small letters, digits and dashes'),
  dreamgraph: z.looseObject({ pack: z.string() }),
})

const maxFiles = 10_000
const maxBytes = 256 * 2 ** 20

/** Reads a pack's package.json and every file of its folder. Throws nodes/pack-invalid. */
export async function readPackFolder(path: string): Promise<PackFolder> {
  const folder = await realpath(path).catch((cause) => invalid(path, 'a folder with a package.json', cause.code, cause))
  // Node reads it as "anything" in the path of a permission.
  if (folder.includes('*')) invalid(path, 'a path without *', folder)
  const { name, dreamgraph } = await readPackage(path, folder)
  const module = await confinedPath(folder, dreamgraph.pack).catch((cause) =>
    invalid(path, 'dreamgraph.pack in its package.json to be a path inside the folder', cause.message, cause),
  )
  const isFile = await stat(module)
    .then((found) => found.isFile())
    .catch(() => false)
  if (!isFile) invalid(path, 'dreamgraph.pack in its package.json to name its module', dreamgraph.pack)
  return { name: name.replace(/^.*\//, ''), folder, module, digest: await digestFolder(path, folder) }
}

async function readPackage(path: string, folder: string): Promise<z.output<typeof packageSchema>> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch((cause) =>
    invalid(path, 'a package.json', cause.code, cause),
  )
  const parsed = packageSchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const { path: at, message } = parsed.error.issues[0]!
  return invalid(path, 'a package.json with name and dreamgraph.pack', `${at.join('.') || 'the file'}: ${message}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function digestFolder(path: string, folder: string): Promise<string> {
  const entries: [name: string, content: string][] = []
  let sizeBytes = 0
  for (const file of await listFiles(path, folder)) {
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(file)) {
      hash.update(chunk as Uint8Array)
      sizeBytes += (chunk as Uint8Array).byteLength
      if (sizeBytes > maxBytes) invalid(path, `files of at most ${maxBytes / 2 ** 20} MiB together`, 'more')
    }
    entries.push([relative(folder, file).split(sep).join('/'), hash.digest('hex')])
  }
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex')
}

/** A symlink is a way out of the folder that permissions by path do not see. */
async function listFiles(path: string, folder: string): Promise<string[]> {
  const files: string[] = []
  const open = [folder]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      const file = join(at, entry.name)
      if (entry.isDirectory()) open.push(file)
      else if (entry.isFile()) files.push(file)
      else invalid(path, 'files and folders alone, no symlinks', relative(folder, file))
      if (files.length > maxFiles) invalid(path, `at most ${maxFiles} files`, 'more')
    }
  }
  return files
}

function invalid(path: string, rule: string, got: string, cause?: unknown): never {
  throw new NodesError('nodes/pack-invalid', `pack ${basename(path)} (${path}): expected ${rule}, got ${got}`, {
    cause,
  })
}
