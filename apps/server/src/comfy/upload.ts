// POST /upload/image and /upload/mask.
import sharp from 'sharp'
import type { Files } from '../files/files.js'
import type { Asker } from '../jobs/jobs.js'
import { ServerProblem } from '../problem.js'
import { type Address, type FolderType, folderTypes, readAddress, readSubfolder } from './addresses.js'
import { fileOf, textOf } from './form.js'
import type { Pictures } from './pictures.js'

export interface UploadParts {
  readonly files: Files
  readonly pictures: Pictures
  readonly maxPixels: number
}

/** What LoadImage takes for it. */
interface Uploaded {
  readonly name: string
  readonly subfolder: string
  readonly type: FolderType
}

export async function uploadImage(parts: UploadParts, asker: Asker, form: FormData): Promise<Uploaded> {
  const { name, bytes } = await fileOf(form, 'image')
  return keep(parts, asker, { form, name, bytes })
}

/** A mask is a picture whose alpha goes into another one. */
export async function uploadMask(parts: UploadParts, asker: Asker, form: FormData): Promise<Uploaded> {
  const { name, bytes } = await fileOf(form, 'image')
  const original = await parts.pictures.read(asker, originalOf(form))
  const masked = await withAlphaOf(original.bytes, bytes, parts.maxPixels)
  return keep(parts, asker, { form, name, bytes: masked })
}

async function keep(
  { files, pictures }: UploadParts,
  asker: Asker,
  { form, name, bytes }: { form: FormData; name: string; bytes: Uint8Array },
): Promise<Uploaded> {
  const type = textOf(form, 'type') || 'input'
  if (!folderTypes.includes(type as FolderType)) {
    throw new ServerProblem('request/invalid', `type: expected one of ${folderTypes.join(', ')}, got "${type}"`)
  }
  const subfolder = readSubfolder(textOf(form, 'subfolder') ?? '')
  const overwrite = /^(true|1)$/.test(textOf(form, 'overwrite') ?? '')
  const upload = await files.upload(asker, name, bytes)
  const address = await pictures.put(asker, { subfolder, type: type as FolderType }, { upload, overwrite })
  return { name: address.filename, subfolder: address.subfolder, type: address.type }
}

function originalOf(form: FormData): Address {
  const text = textOf(form, 'original_ref')
  try {
    const { filename = '', subfolder = '', type = 'output' } = JSON.parse(text ?? '') as Record<string, string>
    return readAddress(String(filename), String(subfolder), String(type))
  } catch (cause) {
    if (cause instanceof ServerProblem) throw cause
    throw new ServerProblem('request/invalid', 'original_ref: expected {filename, subfolder, type}, got another', {
      cause,
    })
  }
}

async function withAlphaOf(original: Uint8Array, mask: Uint8Array, maxPixels: number): Promise<Uint8Array> {
  try {
    const limits = { limitInputPixels: maxPixels }
    const { width, height } = await sharp(original, limits).metadata()
    const alpha = await sharp(mask, limits)
      .ensureAlpha()
      .extractChannel('alpha')
      .resize(width, height, { fit: 'fill' })
      .raw()
      .toBuffer()
    // In steps of their own: in one, sharp takes alpha away last of all.
    const { data, info } = await sharp(original, limits)
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true })
    const joined = sharp(data, { raw: info }).joinChannel(alpha, { raw: { width, height, channels: 1 } })
    return await joined.png().toBuffer()
  } catch (cause) {
    throw new ServerProblem('request/media-type', 'mask: expected a picture, got other bytes', { cause })
  }
}
