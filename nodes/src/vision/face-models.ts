// Models that find faces and name their parts, from ONNX files: SCRFD detectors and BiSeNet parsers.
import { FACE_SIZE, faceMask, type RgbImage, resizeArea } from '@dreamgraph/dreamo'
import { copyInto, flatImage, withChannels } from '../image/pixels.js'
import { type ModelPath, pictureInput, readOnnxFile, runOnnxFile, unsupported } from './onnx-file.js'
import { imagenet, pictureTensor } from './picture-tensor.js'
import { decodeScrfd, type Face } from './scrfd.js'

export interface FaceDetector {
  /** Faces in pixels of the picture, best first. */
  find(image: RgbImage, options: { signal?: AbortSignal; confidence: number }): Promise<Face[]>
}

export interface FaceParser {
  /** Mask of the facial features in an aligned face of FACE_SIZE: skin, eyes, hair, … */
  features(face: RgbImage, options: { signal?: AbortSignal }): Promise<RgbImage>
}

/** Side of the square that detectors with free sizes get; they were trained on it. */
const defaultSide = 640

/** (v − 127.5)/128 of v in 0 … 255. */
const scrfdNormalization = { mean: [0.5, 0.5, 0.5], std: [128 / 255, 128 / 255, 128 / 255] } as const

const parserLabels = 19

/** An SCRFD detector with landmarks, such as det_10g.onnx or scrfd_2.5g_kps.onnx. Throws nodes/model-unsupported. */
export async function openFaceDetector(model: ModelPath): Promise<FaceDetector> {
  const file = await readOnnxFile(model)
  const input = pictureInput(file)
  const { width: side = defaultSide, height = side } = input
  if (side !== height) unsupported(model.name, 'a square input', `${side}×${height}`)
  return {
    async find(image, { confidence, signal }) {
      // Shrunk or enlarged to fit, in the top left corner of a black square.
      const scale = side / Math.max(image.width, image.height)
      const size = {
        width: Math.max(1, Math.round(image.width * scale)),
        height: Math.max(1, Math.round(image.height * scale)),
      }
      const square = flatImage({ width: side, height: side }, [0, 0, 0, 255])
      copyInto(square, resizeArea(withChannels(image, 3), size), { x: 0, y: 0 })
      const tensor = pictureTensor(square, scrfdNormalization)
      const outputs = await runOnnxFile(file, { name: input.name, tensor }, { signal })
      const faces = decodeScrfd(outputs, { side, confidence, name: model.name })
      const back = (value: number) => value / scale
      return faces.map(({ score, box: [left, top, right, bottom], landmarks }) => ({
        score,
        box: [back(left), back(top), back(right), back(bottom)] as const,
        landmarks: landmarks.map(([x, y]) => [back(x), back(y)] as const),
      }))
    },
  }
}

/** A BiSeNet of CelebAMask-HQ's 19 labels: [1, 3, 512, 512] → [1, 19, 512, 512]. Throws nodes/model-unsupported. */
export async function openFaceParser(model: ModelPath): Promise<FaceParser> {
  const file = await readOnnxFile(model)
  const input = pictureInput(file)
  const { width = FACE_SIZE, height = FACE_SIZE } = input
  if (width !== FACE_SIZE || height !== FACE_SIZE) {
    unsupported(model.name, `an input of ${FACE_SIZE}×${FACE_SIZE}`, `${width}×${height}`)
  }
  return {
    async features(face, options) {
      const outputs = await runOnnxFile(file, { name: input.name, tensor: pictureTensor(face, imagenet) }, options)
      const wanted = [1, parserLabels, FACE_SIZE, FACE_SIZE]
      // Some files also give the auxiliary heads of training; the first output is the network's own.
      const scores = outputs.find(({ shape, dtype }) => dtype === 'float32' && `${shape}` === `${wanted}`)
      if (!scores) {
        const shapes = outputs.map(({ shape }) => `[${shape}]`).join(' ')
        return unsupported(model.name, `a float32 output of shape [${wanted}]`, shapes)
      }
      return faceMask(bestLabels(scores.data as Float32Array), { width: FACE_SIZE, height: FACE_SIZE })
    },
  }
}

/** [labels, pixels] → the label of the highest score per pixel. */
function bestLabels(scores: Float32Array): Uint8Array {
  const pixels = scores.length / parserLabels
  const labels = new Uint8Array(pixels)
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let label = 1; label < parserLabels; label++) {
      const isBetter = scores[label * pixels + pixel]! > scores[labels[pixel]! * pixels + pixel]!
      if (isBetter) labels[pixel] = label
    }
  }
  return labels
}
