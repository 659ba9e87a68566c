/**
 * What DreamO does to a reference before the VAE sees it. The masks and the face crop come from the caller:
 * which model found them, and what happens when none did, is decided there and never silently here.
 */
import { DreamoError } from './errors.js'
import { checkImage, overWhite, type RgbImage, toRgb } from './image.js'
import { resizeArea, resizeToArea, type Size } from './resize-area.js'

/** Side of the aligned face crop, in pixels: FaceRestoreHelper's face_size. It is square and not resized again. */
export const FACE_SIZE = 512

/** Before a face is looked for, the photograph's long edge is reduced to this (resizeToLongEdge). */
export const FACE_SEARCH_LONG_EDGE = 1024

/** Parsing labels (BiSeNet, CelebAMask-HQ) that turn white: background, ears, earring, neck, necklace, cloth, hat. */
export const FACE_BACKGROUND_LABELS: readonly number[] = [0, 7, 8, 9, 14, 15, 16, 18]

/** A reference as its task receives it. Masks have one channel and the picture's size; 255 keeps, 0 whitens. */
export type ReferenceInput =
  | { task: 'ip'; image: RgbImage; mask: RgbImage }
  | { task: 'id'; face: RgbImage; mask: RgbImage }
  | { task: 'style'; image: RgbImage }

/**
 * The picture to encode, RGB, both sides multiples of 16. Subjects: white background, then about resolution² pixels.
 * Style: resized alone. Identity: white around the features of the aligned face; the resolution is ignored, but a face that is
 * larger than FACE_SIZE², as of an uncropped photograph, comes down to it: a reference costs by its tokens.
 * Throws image-invalid, mask-invalid, size-invalid.
 */
export function prepareReference(input: ReferenceInput, options: { resolution: number; where?: string }): RgbImage {
  const { resolution, where = `${input.task} reference` } = options
  if (input.task === 'id') {
    const face = whiten(input.face, input.mask, where)
    const isLarge = face.width * face.height > FACE_SIZE * FACE_SIZE
    return isLarge ? resizeToArea(face, FACE_SIZE * FACE_SIZE, where) : wholeTokens(face, where)
  }
  const image = input.task === 'ip' ? whiten(input.image, input.mask, where) : input.image
  checkImage(image, where)
  return resizeToArea(toRgb(image), resolution * resolution, where)
}

/**
 * The picture over white, by a mask of 0 … 255: round((v·m + 255·(255 - m)) / 255), as Pillow pastes. Of a picture with
 * transparency the lesser of mask and opacity covers, once: a mask that was made of the opacity changes nothing. Throws mask-invalid.
 */
export function whiten(image: RgbImage, mask: RgbImage, where = 'picture'): RgbImage {
  checkImage(image, where)
  checkImage(mask, `${where}: mask`)
  const fits = mask.channels === 1 && mask.width === image.width && mask.height === image.height
  if (!fits) {
    const rule = `a mask of ${image.height}×${image.width}×1`
    const got = `${mask.height}×${mask.width}×${mask.channels}`
    throw new DreamoError('dreamo/mask-invalid', `${where}: expected ${rule}, got ${got}`)
  }
  if (image.channels === 4) {
    const lesser = mask.data.map((kept, pixel) => Math.min(kept, image.data[4 * pixel + 3]!))
    return toRgb({ ...image, data: image.data.map((value, i) => (i % 4 === 3 ? lesser[(i - 3) / 4]! : value)) })
  }
  const rgb = toRgb(image)
  const data = rgb.data.map((value, i) => overWhite(value, mask.data[Math.floor(i / 3)]!))
  return { ...rgb, data }
}

/** Mask of the facial features in a parsing: one label per pixel → 255 on features (skin, eyes, hair, …), 0 elsewhere. */
export function faceMask(labels: Uint8Array, size: Size): RgbImage {
  const data = labels.map((label) => (FACE_BACKGROUND_LABELS.includes(label) ? 0 : 255))
  return { ...size, channels: 1, data }
}

/** A face crop of another size than FACE_SIZE must still fill whole tokens; 512 passes untouched. */
function wholeTokens(image: RgbImage, where: string): RgbImage {
  const height = Math.floor(image.height / 16) * 16
  const width = Math.floor(image.width / 16) * 16
  if (height === 0 || width === 0) {
    const got = `${image.height}×${image.width}`
    throw new DreamoError('dreamo/size-invalid', `${where}: expected at least 16×16 pixels, got ${got}`)
  }
  return resizeArea(image, { height, width }, where)
}
