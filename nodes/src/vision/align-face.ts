// The face crop that DreamO was trained on, as facexlib's FaceRestoreHelper cuts it.
import { FACE_SIZE, type RgbImage } from '@dreamgraph/dreamo'
import { withChannels } from '../image/pixels.js'
import type { Face } from './scrfd.js'
import { estimateSimilarity, type Point, warp } from './similarity.js'

/** Where eyes, nose and corners of the mouth lie in the crop: FFHQ's averages in 512×512 pixels, from facexlib. */
export const faceTemplate: readonly Point[] = [
  [192.98138, 239.94708],
  [318.90277, 240.1936],
  [256.63416, 314.01935],
  [201.26117, 371.41043],
  [313.08905, 371.15118],
]

/** Beyond the photograph: (135, 133, 132) in BGR. */
const border = [132, 133, 135] as const

/** The face turned upright, scaled and cut, FACE_SIZE × FACE_SIZE; undefined for landmarks that coincide. */
export function alignFace(image: RgbImage, landmarks: readonly Point[]): RgbImage | undefined {
  const similarity = estimateSimilarity(landmarks, faceTemplate)
  return similarity && warp(withChannels(image, 3), similarity, { side: FACE_SIZE, border })
}

/** The face whose box is nearest to the middle of the picture. */
export function centralFace(image: RgbImage, faces: readonly Face[]): Face | undefined {
  const distance = ({ box: [left, top, right, bottom] }: Face) =>
    Math.hypot((left + right - image.width) / 2, (top + bottom - image.height) / 2)
  return faces.toSorted((x, y) => distance(x) - distance(y))[0]
}
