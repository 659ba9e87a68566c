// SCRFD's answers as faces: anchor-free boxes and landmarks on grids of 8, 16 and 32 pixels (Guo et al., 2021).
import type { TensorData } from '@dreamgraph/runtime'
import { unsupported } from './onnx-file.js'
import type { Point } from './similarity.js'

export interface Face {
  readonly score: number
  readonly box: readonly [left: number, top: number, right: number, bottom: number]
  /** Eyes, nose, corners of the mouth, each pair from left to right in the picture. */
  readonly landmarks: readonly Point[]
}

/** Boxes that share more than this part of their union are one face. */
const sameFaceOverlap = 0.4

const strides = [8, 16, 32]

/**
 * Faces in the model's input of side × side pixels, best first. `outputs`: for each stride, in any order, scores [n, 1],
 * distances to the sides of the box [n, 4] and offsets of the landmarks [n, 10], in strides from the centre.
 * Throws nodes/model-unsupported for outputs of another form.
 */
export function decodeScrfd(
  outputs: readonly TensorData[],
  { side, confidence, name }: { side: number; confidence: number; name: string },
): Face[] {
  const faces = strides.flatMap((stride, level) => {
    const scores = valuesOf(outputs, 1, level, name)
    const boxes = valuesOf(outputs, 4, level, name)
    const marks = valuesOf(outputs, 10, level, name)
    const cells = Math.ceil(side / stride)
    const anchors = scores.length / (cells * cells)
    const fits = Number.isInteger(anchors) && boxes.length === 4 * scores.length && marks.length === 10 * scores.length
    if (!fits) unsupported(name, `outputs for ${cells}×${cells} cells of ${stride} pixels`, `${scores.length} scores`)
    return [...scores.keys()]
      .filter((i) => scores[i]! >= confidence)
      .map((i): Face => {
        const cell = Math.floor(i / anchors)
        const [x, y] = [(cell % cells) * stride, Math.floor(cell / cells) * stride]
        const [left, top, right, bottom] = boxes.subarray(4 * i, 4 * i + 4)
        const landmarks = Array.from({ length: 5 }, (_, k): Point => {
          return [x + marks[10 * i + 2 * k]! * stride, y + marks[10 * i + 2 * k + 1]! * stride]
        })
        const box = [x - left! * stride, y - top! * stride, x + right! * stride, y + bottom! * stride] as const
        return { score: scores[i]!, box, landmarks }
      })
  })
  return suppressRepeats(faces)
}

/** The output of `width` values a row for one stride; the smaller the stride, the more rows. */
function valuesOf(outputs: readonly TensorData[], width: number, level: number, name: string): Float32Array {
  const levels = outputs
    .filter(({ dtype, shape }) => dtype === 'float32' && shape.at(-1) === width)
    .toSorted((x, y) => y.data.length - x.data.length)
  if (levels.length !== strides.length) {
    unsupported(name, `${strides.length} outputs of ${width} values a row, as SCRFD has`, `${levels.length}`)
  }
  return levels[level]!.data as Float32Array
}

/** Non-maximum suppression: of boxes that overlap, the best stays. */
function suppressRepeats(faces: readonly Face[]): Face[] {
  const kept: Face[] = []
  for (const face of faces.toSorted((x, y) => y.score - x.score)) {
    if (kept.every((better) => overlap(better.box, face.box) <= sameFaceOverlap)) kept.push(face)
  }
  return kept
}

/** Intersection over union. */
function overlap(a: Face['box'], b: Face['box']): number {
  const area = ([left, top, right, bottom]: Face['box']) => Math.max(0, right - left) * Math.max(0, bottom - top)
  const shared = area([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])])
  return shared === 0 ? 0 : shared / (area(a) + area(b) - shared)
}
