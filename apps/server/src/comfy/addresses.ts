// How ComfyUI's clients address pictures: {filename, subfolder, type}. Each job has a subfolder of its own, called by its id,
// so that equal file names of two jobs stay two pictures. An address is looked up, never made into a path.
import type { ComfyNodeOf } from '@dreamgraph/comfy'
import type { Output } from '@dreamgraph/protocol'
import { ServerProblem } from '../problem.js'

export const folderTypes = ['input', 'output', 'temp'] as const
export type FolderType = (typeof folderTypes)[number]

export interface Address {
  readonly filename: string
  readonly subfolder: string
  readonly type: FolderType
}

/** Where clients find an output: files that were saved, or pictures that were only shown. */
export function addressOf(job: string, { file, name, digest, mediaType = '' }: Output): Address | undefined {
  if (digest === undefined) return undefined
  if (file !== undefined) {
    const at = file.lastIndexOf('/')
    const subfolder = at < 0 ? job : `${job}/${file.slice(0, at)}`
    return { filename: file.slice(at + 1), subfolder, type: 'output' }
  }
  if (name === undefined || mediaType !== 'image/png') return undefined
  return { filename: `${name.replaceAll('/', '-')}.png`, subfolder: job, type: 'temp' }
}

/** Id of the job whose pictures lie in a subfolder. */
export const jobOfSubfolder = (subfolder: string): string | undefined =>
  /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/|$)/.exec(subfolder)?.[1]

/** What each SaveImage and PreviewImage has given, by its id. */
export function imagesOf(
  job: string,
  { pictures }: Pick<ComfyNodeOf, 'pictures'>,
  outputs: readonly Output[],
): Record<string, { images: Address[] }> {
  const saving = pictures.filter(({ kind }) => kind === 'saved')
  const byNode: Record<string, { images: Address[] }> = {}
  for (const { comfyNode, kind, node, output: declared } of pictures) {
    const isOf = ({ file, name, node: writer = saving[0]?.node }: Output): boolean => {
      if (kind === 'saved') return file !== undefined && writer === node
      return declared !== undefined && (name === declared || (name?.startsWith(`${declared}/`) ?? false))
    }
    const images = outputs.filter(isOf).flatMap((output) => addressOf(job, output) ?? [])
    if (images.length > 0) byNode[comfyNode] = { images }
  }
  return byNode
}

/** A subfolder as it may be named. Throws request/invalid for one that leads out, as ComfyUI refuses it. */
export function readSubfolder(text: string): string {
  const plain = text.replaceAll('\\', '/').replace(/\/+$/, '')
  if (leadsOut(plain)) throw invalidPlace('subfolder', text)
  return plain
}

/** Throws request/invalid for a file name that leads out. Names with folders in them are taken, as ComfyUI takes them. */
export function readAddress(filename: string, subfolder: string, type: string): Address {
  if (filename === '' || leadsOut(filename.replaceAll('\\', '/'))) throw invalidPlace('filename', filename)
  if (!isFolderType(type)) {
    throw new ServerProblem('request/invalid', `type: expected one of ${folderTypes.join(', ')}, got "${type}"`)
  }
  return joined(filename, readSubfolder(subfolder), type)
}

const folderMark = / \[(input|output|temp)\]$/

/** The address in a LoadImage: `a.png`, `folder/a.png`, `a.png [output]`. Undefined for a name that leads out. */
export function addressIn(name: string): Address | undefined {
  const plain = name.replace(folderMark, '')
  if (plain === '' || leadsOut(plain.replaceAll('\\', '/'))) return undefined
  return joined(plain, '', (folderMark.exec(name)?.[1] as FolderType | undefined) ?? 'input')
}

function joined(filename: string, subfolder: string, type: FolderType): Address {
  const parts = [...subfolder.split('/'), ...filename.replaceAll('\\', '/').split('/')].filter(Boolean)
  return { filename: parts.at(-1)!, subfolder: parts.slice(0, -1).join('/'), type }
}

const leadsOut = (path: string): boolean =>
  path.startsWith('/') || /^[a-z]:/i.test(path) || path.includes('\0') || path.split('/').includes('..')

const isFolderType = (type: string): type is FolderType => folderTypes.includes(type as FolderType)

const invalidPlace = (what: string, got: string): ServerProblem =>
  new ServerProblem(
    'request/invalid',
    `${what}: expected one inside its folder, got ${JSON.stringify(got.slice(0, 200))}`,
  )
