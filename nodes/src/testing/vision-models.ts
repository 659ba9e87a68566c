/** Small real ONNX models of the kinds that the vision nodes take, with answers one can work out by hand. */
import {
  add,
  concat,
  constant,
  emit,
  graph,
  input,
  mean,
  mul,
  reshape,
  sigmoid,
  sub,
  type Tensor,
} from '@dreamgraph/onnx'

/** Dark pixels are the subject: sigmoid(−40·(mean of the channels − 0.5)) of values 0 … 1. [1,3,S,S] → [1,1,S,S]. */
export function darkSubject(side: number, asLogits = false): Uint8Array {
  const image = input('picture', [1, 3, side, side])
  const logits = mul(sub(mean(image, { axes: [1] }), constant(0.5)), constant(-40))
  return emit(graph('matting', { alpha: asLogits ? logits : sigmoid(logits) }))
}

/** A face as a detector of `side` pixels would give it, at a cell of stride 8. */
export interface PlacedFace {
  readonly cell: number
  /** Second of two anchors. */
  readonly anchor: 0 | 1
  readonly score: number
  /** Distances to left, top, right, bottom, and five offsets, in strides. */
  readonly box: readonly number[]
  readonly landmarks: readonly number[]
}

/** SCRFD's nine outputs with these faces. Scores are multiplied by the mean of the input, so that black gives none. */
export function detector(side: number, faces: readonly PlacedFace[]): Uint8Array {
  const picture = input('input.1', [1, 3, side, side])
  const brightness = reshape(mean(picture, { axes: [0, 1, 2, 3] }), { shape: [1, 1] })
  const outputs: Record<string, Tensor> = {}
  for (const stride of [32, 8, 16]) {
    const rows = 2 * (side / stride) ** 2
    const table = (width: number, of: (face: PlacedFace) => readonly number[]) => {
      const values = new Float32Array(rows * width)
      for (const face of stride === 8 ? faces : []) values.set(of(face), (2 * face.cell + face.anchor) * width)
      return constant(values, [rows, width])
    }
    outputs[`kps${stride}`] = add(
      table(10, (face) => face.landmarks),
      constant(0),
    )
    outputs[`score${stride}`] = mul(
      table(1, (face) => [face.score]),
      brightness,
    )
    outputs[`box${stride}`] = add(
      table(4, (face) => face.box),
      constant(0),
    )
  }
  return emit(graph('detector', outputs))
}

/** Labels bright pixels skin (1) and dark ones background (0): 19 scores for each of 512×512 pixels. */
export function parser(): Uint8Array {
  const image = input('input', [1, 3, 512, 512])
  const brightness = mean(image, { axes: [1] })
  const low = mul(brightness, constant(0))
  const other = sub(low, constant(100))
  return emit(graph('parser', { out: concat([low, brightness, ...Array(17).fill(other)], { axis: 1 }) }))
}
