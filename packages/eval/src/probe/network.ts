// The probe: for each reader a small convolutional network of its own, all of one build.
import { type Parameters, within } from '@dreamgraph/dreamo'
import {
  add,
  constant,
  conv2d,
  exp,
  groupNorm,
  linear,
  log,
  max,
  maximum,
  mean,
  mul,
  reshape,
  slice,
  sub,
  sum,
  type Tensor,
  transpose,
} from '@dreamgraph/onnx'
import { attributesOf, type ReaderName } from './attributes.js'
import { cropSizePx } from './crops.js'

/** Sizes of one reader's network. */
export interface ReaderConfig {
  /** Channels at 32, 16 and 8 samples both ways; the last two divisible by 16. */
  readonly channels: readonly [number, number, number]
  /** Width of the layer before the answers. */
  readonly hidden: number
}

export type ProbeConfig = Readonly<Record<ReaderName, ReaderConfig>>

/** The first layer sees this many samples both ways: each is a block of the crop's pixels laid in channels. */
const gridSize = 32

/** Answers of a reader to crops [B, 3, S, S] in −1..1: attribute → logits [B, values]. */
export function answers(
  root: Parameters,
  config: ReaderConfig,
  reader: ReaderName,
  crops: Tensor,
): Readonly<Record<string, Tensor>> {
  const p = within(root, reader)
  const [first, ...others] = config.channels
  const stem = active(convolve(p, 'stem', blocksToChannels(crops, cropSizePx[reader] / gridSize), first))
  let x = blocksToChannels(stem, 2) // a mean would blur what tells noses apart
  others.forEach((channels, level) => {
    const y = normal(p, `level${level}.norm1`, convolve(p, `level${level}.conv1`, x, channels))
    const z = normal(p, `level${level}.norm2`, convolve(p, `level${level}.conv2`, y, channels))
    x = halved(add(y, z))
  })
  const [batch, ...rest] = x.shape
  const flat = reshape(x, { shape: [batch, rest.reduce((n, d) => n * d, 1)] }) // [B, C·4·4]
  const hidden = active(dense(p, 'hidden', flat, config.hidden))
  const attributes = attributesOf(reader)
  const count = attributes.reduce((n, [, values]) => n + values.length, 0)
  const logits = dense(p, 'answers', hidden, count)
  let from = 0
  const entries = attributes.map(([attribute, { length }]) => {
    from += length
    return [attribute, slice(logits, { axis: 1, from: from - length, to: from })] as const
  })
  return Object.fromEntries(entries)
}

/** Cross-entropy of logits [B, n] against one-hot targets [B, n], summed and divided by B; a row of zeros counts nothing. */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  const [batch] = logits.shape
  const highest = max(logits, { axes: [1] })
  const shifted = sub(logits, highest)
  const logSum = log(sum(exp(shifted), { axes: [1] })) // [B, 1]
  const costs = mul(targets, sub(logSum, shifted))
  return mul(reshape(sum(costs, { axes: [0, 1] }), { shape: [] }), constant(1 / batch))
}

const active = (x: Tensor): Tensor => maximum(x, constant(0))

const dense = (p: Parameters, key: string, x: Tensor, out: number): Tensor =>
  linear(x, p.weight(`${key}.weight`, [out, x.shape[1]]), p.weight(`${key}.bias`, [out]))

function convolve(p: Parameters, key: string, x: Tensor, out: number): Tensor {
  const w = p.weight(`${key}.weight`, [out, x.shape[1], 3, 3])
  return conv2d(x, w, p.weight(`${key}.bias`, [out]), { pads: [1, 1, 1, 1] })
}

/** Groups of 16 channels brought to one mean and deviation, then rectified. In smaller groups colours would get lost. */
function normal(p: Parameters, key: string, x: Tensor): Tensor {
  const channels = [x.shape[1]]
  const [w, b] = [p.weight(`${key}.weight`, channels), p.weight(`${key}.bias`, channels)]
  return active(groupNorm(x, { groups: x.shape[1] / 16, epsilon: 1e-5, w, b }))
}

/** Means of 2 × 2 samples. */
function halved(x: Tensor): Tensor {
  const [batch, channels, height, width] = x.shape
  const squares = reshape(x, { shape: [batch, channels, height / 2, 2, width / 2, 2] })
  return reshape(mean(squares, { axes: [3, 5] }), { shape: [batch, channels, height / 2, width / 2] })
}

/** [B, C, H, W] → [B, C·size², H/size, W/size]. */
function blocksToChannels(x: Tensor, size: number): Tensor {
  const [batch, channels, height, width] = x.shape
  const blocks = reshape(x, { shape: [batch, channels, height / size, size, width / size, size] })
  const first = transpose(blocks, { perm: [0, 1, 3, 5, 2, 4] })
  return reshape(first, { shape: [batch, channels * size * size, height / size, width / size] })
}
