// Pictures as PNG files: those that were made here, and those to score that another system made.
import { readFile } from 'node:fs/promises'
import { writeFileAtomic } from '@dreamgraph/store'
import { type Picture, targetSizePx } from '@dreamgraph/world'
import sharp from 'sharp'
import { EvaluationError } from './errors.js'

export async function writePicture(path: string, { width, height, data }: Picture): Promise<void> {
  await writeFileAtomic(
    path,
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer(),
  )
}

/** Reads a picture of a target's size; transparency is laid over white. Throws eval/picture-missing, eval/picture-invalid. */
export async function readPicture(path: string): Promise<Picture> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const message = `${path}: expected a picture for each line of the prompts, got ${cause.code ?? cause.message}`
    throw new EvaluationError('eval/picture-missing', message, { cause })
  })
  const { data, info } = await sharp(bytes)
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: Error) => {
      const message = `${path}: expected a PNG, got ${cause.message}`
      throw new EvaluationError('eval/picture-invalid', message, { cause })
    })
  const { width, height, channels } = info
  if (width !== targetSizePx || height !== targetSizePx || channels !== 3) {
    const got = `${width} × ${height} with ${channels} channels`
    const rule = `${targetSizePx} × ${targetSizePx} pixels in colour`
    throw new EvaluationError('eval/picture-invalid', `${path}: expected ${rule}, got ${got}`)
  }
  return { width, height, data: new Uint8Array(data) }
}
