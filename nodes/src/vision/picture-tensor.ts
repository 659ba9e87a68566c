// Pictures as the tensors that vision models take.
import { type RgbImage, toRgb } from '@dreamgraph/dreamo'
import type { TensorData } from '@dreamgraph/runtime'

/** Per channel, on values of 0 … 1: (v − mean)/std. */
export interface Normalization {
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

/** What torchvision's models and their descendants were trained with. */
export const imagenet: Normalization = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }

/** 0 … 1, as BEN2 takes it. */
export const unit: Normalization = { mean: [0, 0, 0], std: [1, 1, 1] }

/** −0.5 … 0.5, as IS-Net and RMBG 1.4 take it. */
export const centered: Normalization = { mean: [0.5, 0.5, 0.5], std: [1, 1, 1] }

/** A picture as [1, 3, height, width] float32, RGB. */
export function pictureTensor(image: RgbImage, { mean, std }: Normalization): TensorData {
  const { width, height, data } = toRgb(image)
  const plane = width * height
  const values = new Float32Array(3 * plane)
  for (let pixel = 0; pixel < plane; pixel++) {
    for (let c = 0; c < 3; c++) values[c * plane + pixel] = (data[pixel * 3 + c]! / 255 - mean[c]!) / std[c]!
  }
  return { dtype: 'float32', shape: [1, 3, height, width], data: values }
}
