// Models that tell a subject from its background: U²-Net, IS-Net, RMBG, BiRefNet, BEN2 and their like as ONNX files.
import { type RgbImage, resizeArea } from '@dreamgraph/dreamo'
import type { TensorData } from '@dreamgraph/runtime'
import { type ModelPath, type OnnxFile, pictureInput, readOnnxFile, runOnnxFile, unsupported } from './onnx-file.js'
import { type Normalization, pictureTensor } from './picture-tensor.js'

export interface MattingModel {
  /** The subject as a mask of the picture's size. */
  mask(image: RgbImage, options: { signal?: AbortSignal }): Promise<RgbImage>
}

/** Side of the square that models with free sizes get. */
const defaultSide = 1024

/**
 * A matting model: float32 [1, 3, S, S] → [1, 1, S, S], of which the first such output counts.
 * Throws nodes/model-unsupported for other models.
 */
export async function openMattingModel(model: ModelPath, normalization: Normalization): Promise<MattingModel> {
  const file = await readOnnxFile(model)
  const input = pictureInput(file)
  const { height = defaultSide, width = defaultSide } = input
  return {
    async mask(image, options) {
      const tensor = pictureTensor(resizeArea(image, { height, width }), normalization)
      const outputs = await runOnnxFile(file, { name: input.name, tensor }, options)
      return resizeArea(toMask(firstMask(outputs, file)), { height: image.height, width: image.width })
    },
  }
}

function firstMask(outputs: readonly TensorData[], { name }: OnnxFile): TensorData {
  const mask = outputs.find(({ dtype, shape: [batch, channels, ...sides] }) => {
    return dtype === 'float32' && batch === 1 && channels === 1 && sides.length === 2
  })
  const shapes = outputs.map(({ shape }) => `[${shape}]`).join(' ')
  return mask ?? unsupported(name, 'a float32 output of shape [1, 1, height, width]', shapes)
}

/**
 * [1, 1, h, w] → 0 … 255. Values outside 0 … 1 are taken for logits. The range is then stretched from its lowest to its
 * highest value, as the models' own programs do, unless nothing stands out.
 */
function toMask({ shape, data }: TensorData): RgbImage {
  const [, , height, width] = shape as [number, number, number, number]
  const values = data as Float32Array
  const isLogits = values.some((value) => value < -0.001 || value > 1.001)
  const parts = isLogits ? values.map((value) => 1 / (1 + Math.exp(-value))) : values
  let [low, high] = [1, 0]
  for (const part of parts) {
    low = Math.min(low, part)
    high = Math.max(high, part)
  }
  const stands = high - low > 0.1
  const [from, range] = stands ? [low, high - low] : [0, 1]
  return {
    width,
    height,
    channels: 1,
    data: Uint8Array.from(parts, (part) => Math.round(((part - from) / range) * 255)),
  }
}
