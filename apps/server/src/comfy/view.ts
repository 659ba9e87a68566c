// GET /view: a picture by its address, whole or as the browser wants to look at it.
import sharp, { type Sharp } from 'sharp'
import type { Asker } from '../jobs/jobs.js'
import { ServerProblem } from '../problem.js'
import { type Address, readAddress } from './addresses.js'
import type { Pictures } from './pictures.js'

export interface ViewQuery {
  readonly filename?: string
  readonly subfolder?: string
  readonly type?: string
  /** `webp;90` or `jpeg`: smaller, to look at. */
  readonly preview?: string
  /** `rgb` without transparency, `a` only that. */
  readonly channel?: string
}

export interface Viewed {
  readonly bytes: Uint8Array
  readonly mediaType: string
  readonly address: Address
}

/** Throws request/invalid for a name that leads out, request/not-found. */
export async function viewPicture(
  { pictures, maxPixels }: { pictures: Pictures; maxPixels: number },
  asker: Asker,
  query: ViewQuery,
): Promise<Viewed> {
  const address = readAddress(query.filename ?? '', query.subfolder ?? '', query.type ?? 'output')
  const { bytes, mediaType } = await pictures.read(asker, address)
  const picture = () => sharp(bytes, { limitInputPixels: maxPixels })
  const shown = (made: Promise<Uint8Array>, type: string): Promise<Viewed> =>
    made.then(
      (result) => ({ bytes: result, mediaType: type, address }),
      (cause) => {
        throw new ServerProblem('request/media-type', 'picture: expected a whole one, got a damaged one', { cause })
      },
    )
  if (query.preview !== undefined) {
    const [format, quality = '90'] = query.preview.split(';')
    const options = { quality: Math.min(100, Math.max(1, Number.parseInt(quality, 10) || 90)) }
    if (format !== 'jpeg') return shown(picture().webp(options).toBuffer(), 'image/webp')
    return shown(picture().flatten({ background: '#ffffff' }).jpeg(options).toBuffer(), 'image/jpeg')
  }
  if (query.channel === 'rgb') return shown(picture().removeAlpha().png().toBuffer(), 'image/png')
  if (query.channel === 'a') return shown(alphaOf(picture()), 'image/png')
  return { bytes, mediaType, address }
}

/** A black picture that is transparent where this one is. */
async function alphaOf(picture: Sharp): Promise<Uint8Array> {
  const { data, info } = await picture.ensureAlpha().extractChannel('alpha').raw().toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const black = sharp({ create: { width, height, channels: 3, background: '#000000' } })
  return black
    .joinChannel(data, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer()
}
