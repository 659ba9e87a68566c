// Every op with shapes to try it on and its definition: one table for values and for gradients.
import {
  abs,
  add,
  attention,
  concat,
  constant,
  constantInt64,
  conv2d,
  div,
  exp,
  expand,
  gather,
  geluTanh,
  groupNorm,
  layerNorm,
  linear,
  log,
  matmul,
  max,
  maximum,
  mean,
  min,
  minimum,
  mul,
  neg,
  pad,
  quickGelu,
  reshape,
  rmsNorm,
  rotate,
  sigmoid,
  silu,
  slice,
  softmax,
  sqrt,
  sub,
  sum,
  sumOfSquares,
  type Tensor,
  tanh,
  transpose,
  upsampleNearest2x,
} from '@dreamgraph/onnx'
import * as ref from './reference.js'

type Shape = readonly number[]
export type Case = [
  what: string,
  shapes: Shape[],
  build: (x: Tensor[]) => Tensor,
  reference: (x: ref.Value[]) => ref.Value,
  /** How many of the inputs have a gradient, from the first; all unless told. */
  learnt?: number,
]

const epsilon = 1e-6
const positive = (x: Tensor): Tensor => add(mul(x, x), constant(0.1))
const refPositive = (x: ref.Value): ref.Value => ref.add(ref.mul(x, x), scalar(0.1))
const scalar = (value: number): ref.Value => ({ shape: [], data: Float64Array.of(Math.fround(value)) })
const indices = (shape: Shape, ...data: number[]): ref.Value => ({ shape, data: Float64Array.from(data) })

const elementwise: Case[] = [
  [
    'add',
    [
      [2, 3],
      [2, 3],
    ],
    ([a, b]) => add(a, b),
    ([a, b]) => ref.add(a, b),
  ],
  [
    'add broadcasts both ways',
    [
      [4, 1, 3],
      [2, 1],
    ],
    ([a, b]) => add(a, b),
    ([a, b]) => ref.add(a, b),
  ],
  ['sub of a scalar', [[2, 3], []], ([a, b]) => sub(a, b), ([a, b]) => ref.sub(a, b)],
  ['mul by a wider tensor', [[3], [2, 2, 3]], ([a, b]) => mul(a, b), ([a, b]) => ref.mul(a, b)],
  ['div', [[2, 3], [3]], ([a, b]) => div(a, positive(b)), ([a, b]) => ref.div(a, refPositive(b))],
  ['abs', [[9]], ([x]) => abs(x), ([x]) => ref.abs(x)],
  ['neg', [[5]], ([x]) => neg(x), ([x]) => ref.neg(x)],
  ['neg of a scalar', [[]], ([x]) => neg(x), ([x]) => ref.neg(x)],
  ['exp', [[2, 2, 2, 2, 2]], ([x]) => exp(x), ([x]) => ref.exp(x)],
  ['log', [[7]], ([x]) => log(positive(x)), ([x]) => ref.log(refPositive(x))],
  ['sqrt', [[7]], ([x]) => sqrt(positive(x)), ([x]) => ref.sqrt(refPositive(x))],
  ['minimum', [[7, 2], [2]], ([a, b]) => minimum(a, b), ([a, b]) => ref.minimum(a, b)],
  [
    'maximum',
    [
      [7, 2],
      [7, 1],
    ],
    ([a, b]) => maximum(a, b),
    ([a, b]) => ref.maximum(a, b),
  ],
  ['tanh', [[7, 2]], ([x]) => tanh(x), ([x]) => ref.tanh(x)],
  ['sigmoid', [[7, 2]], ([x]) => sigmoid(x), ([x]) => ref.sigmoid(x)],
  ['silu', [[7, 2]], ([x]) => silu(x), ([x]) => ref.silu(x)],
  ['quickGelu', [[7, 2]], ([x]) => quickGelu(x), ([x]) => ref.quickGelu(x)],
  ['geluTanh', [[7, 2]], ([x]) => geluTanh(x), ([x]) => ref.geluTanh(x)],
  ['a filled constant', [[2, 3]], ([x]) => mul(x, constant(2.5, [2, 3])), ([x]) => ref.mul(x, scalar(2.5))],
]

const products: Case[] = [
  [
    'matmul',
    [
      [2, 3],
      [3, 4],
    ],
    ([a, b]) => matmul(a, b),
    ([a, b]) => ref.matmul(a, b),
  ],
  [
    'matmul over batches',
    [
      [5, 2, 3],
      [5, 3, 4],
    ],
    ([a, b]) => matmul(a, b),
    ([a, b]) => ref.matmul(a, b),
  ],
  [
    'matmul broadcasts',
    [
      [2, 1, 2, 3],
      [4, 3, 1],
    ],
    ([a, b]) => matmul(a, b),
    ([a, b]) => ref.matmul(a, b),
  ],
  ...([[[3]], [[2, 3]], [[2, 4, 3]], [[2, 1, 4, 3]]] as Shape[][]).map(
    ([shape]): Case => [
      `linear of ${shape.length} axes`,
      [shape, [5, 3], [5]],
      ([x, w, b]) => linear(x, w, b),
      ([x, w, b]) => ref.linear(x, w, b),
    ],
  ),
  [
    'linear without bias',
    [
      [2, 3],
      [5, 3],
    ],
    ([x, w]) => linear(x, w),
    ([x, w]) => ref.linear(x, w),
  ],
  ...(
    [
      ['conv2d 3×3, padded all round', 1, [1, 1, 1, 1], [3, 3]],
      ['conv2d 1×1', 1, [0, 0, 0, 0], [1, 1]],
      ['conv2d stride 2, padded right and bottom only', 2, [0, 0, 1, 1], [3, 3]],
      ['conv2d stride 3, four different pads, a flat kernel', 3, [2, 0, 1, 3], [2, 4]],
    ] as const
  ).map(
    ([what, stride, pads, kernel]): Case => [
      what,
      [[2, 3, 6, 5], [4, 3, ...kernel], [4]],
      ([x, w, b]) => conv2d(x, w, b, { stride, pads: [...pads] }),
      ([x, w, b]) => ref.conv2d(x, w, b, stride, pads),
    ],
  ),
  [
    'conv2d without bias, stride by default',
    [
      [1, 2, 4, 4],
      [3, 2, 3, 3],
    ],
    ([x, w]) => conv2d(x, w, undefined, { pads: [0, 0, 0, 0] }),
    ([x, w]) => ref.conv2d(x, w, undefined, 1, [0, 0, 0, 0]),
  ],
]

const [q, k] = [
  [2, 5, 8],
  [2, 7, 8],
] as const
export const attentions: Case[] = [
  [
    'attention',
    [q, k, k],
    ([a, b, c]) => attention(a, b, c, { heads: 2 }),
    ([a, b, c]) => ref.attention(a, b, c, { heads: 2 }),
  ],
  [
    'attention of one head, unscaled',
    [q, k, k],
    ([a, b, c]) => attention(a, b, c, { heads: 1, scale: 1 }),
    ([a, b, c]) => ref.attention(a, b, c, { heads: 1, scale: 1 }),
  ],
  [
    'attention, causal',
    [q, q, q],
    ([a, b, c]) => attention(a, b, c, { heads: 4, causal: true }),
    ([a, b, c]) => ref.attention(a, b, c, { heads: 4, causal: true }),
  ],
  ...(
    [
      [2, 2, 5, 7],
      [1, 2, 5, 7],
      [2, 1, 5, 7],
      [1, 1, 5, 7],
    ] as Shape[]
  ).map(
    (shape): Case => [
      `attention with a bias ${JSON.stringify(shape)}`,
      [q, k, k, shape],
      ([a, b, c, bias]) => attention(a, b, c, { heads: 2, bias, scale: 0.3 }),
      ([a, b, c, bias]) => ref.attention(a, b, c, { heads: 2, bias, scale: 0.3 }),
    ],
  ),
  [
    'attention, causal with a bias',
    [q, q, q, [1, 2, 5, 5]],
    ([a, b, c, bias]) => attention(a, b, c, { heads: 2, bias, causal: true }),
    ([a, b, c, bias]) => ref.attention(a, b, c, { heads: 2, bias, causal: true }),
  ],
  [
    'attention of one token',
    [
      [1, 1, 4],
      [1, 1, 4],
      [1, 1, 4],
    ],
    ([a, b, c]) => attention(a, b, c, { heads: 2 }),
    ([a, b, c]) => ref.attention(a, b, c, { heads: 2 }),
  ],
  [
    'attention over many tokens',
    [
      [1, 70, 16],
      [1, 130, 16],
      [1, 130, 16],
    ],
    ([a, b, c]) => attention(a, b, c, { heads: 2 }),
    ([a, b, c]) => ref.attention(a, b, c, { heads: 2 }),
  ],
]

const movement: Case[] = [
  ['reshape', [[2, 6]], ([x]) => reshape(x, { shape: [3, 1, 4] }), ([x]) => ref.reshape(x, [3, 1, 4])],
  ['reshape to a scalar', [[1, 1]], ([x]) => reshape(x, { shape: [] }), ([x]) => ref.reshape(x, [])],
  ['transpose', [[2, 3, 4, 5]], ([x]) => transpose(x, { perm: [0, 2, 1, 3] }), ([x]) => ref.transpose(x, [0, 2, 1, 3])],
  [
    'transpose of all axes',
    [[2, 3, 4]],
    ([x]) => transpose(x, { perm: [2, 0, 1] }),
    ([x]) => ref.transpose(x, [2, 0, 1]),
  ],
  [
    'concat',
    [
      [2, 3],
      [2, 1],
      [2, 2],
    ],
    (x) => concat(x, { axis: 1 }),
    (x) => ref.concat(x, 1),
  ],
  [
    'concat from the end',
    [
      [2, 3, 4],
      [5, 3, 4],
    ],
    (x) => concat(x, { axis: -3 }),
    (x) => ref.concat(x, 0),
  ],
  ['slice', [[5, 4]], ([x]) => slice(x, { axis: 0, from: 1, to: 4 }), ([x]) => ref.slice(x, 0, 1, 4)],
  ['slice from the end', [[5, 4]], ([x]) => slice(x, { axis: -1, from: 3, to: 4 }), ([x]) => ref.slice(x, 1, 3, 4)],
  ['pad', [[2, 3, 2]], ([x]) => pad(x, { axis: 1, before: 2, after: 1 }), ([x]) => ref.pad(x, 1, 2, 1)],
  ['pad from the end', [[2, 3]], ([x]) => pad(x, { axis: -1, before: 0, after: 2 }), ([x]) => ref.pad(x, 1, 0, 2)],
  ['expand', [[3, 1]], ([x]) => expand(x, { shape: [2, 3, 4] }), ([x]) => ref.expand(x, [2, 3, 4])],
  ['expand a scalar', [[]], ([x]) => expand(x, { shape: [2, 2] }), ([x]) => ref.expand(x, [2, 2])],
  ['gather', [[5, 3]], ([x]) => gather(x, constantInt64([4, 0, 4])), ([x]) => ref.gather(x, indices([3], 4, 0, 4))],
  [
    'gather by a matrix',
    [[4, 2, 3]],
    ([x]) => gather(x, constantInt64([3, 2, 1, 0], [2, 2])),
    ([x]) => ref.gather(x, indices([2, 2], 3, 2, 1, 0)),
  ],
  ['gather of numbers', [[4]], ([x]) => gather(x, constantInt64([2], [])), ([x]) => ref.gather(x, indices([], 2))],
  ['upsampleNearest2x', [[2, 3, 2, 5]], ([x]) => upsampleNearest2x(x), ([x]) => ref.upsampleNearest2x(x)],
]

const norms: Case[] = [
  ['layerNorm', [[2, 3, 8]], ([x]) => layerNorm(x, { epsilon }), ([x]) => ref.layerNorm(x, epsilon)],
  [
    'layerNorm with w',
    [[2, 8], [8]],
    ([x, w]) => layerNorm(x, { epsilon, w }),
    ([x, w]) => ref.layerNorm(x, epsilon, w),
  ],
  [
    'layerNorm with w and b',
    [[8], [8], [8]],
    ([x, w, b]) => layerNorm(x, { epsilon: 1e-5, w, b }),
    ([x, w, b]) => ref.layerNorm(x, 1e-5, w, b),
  ],
  [
    'layerNorm with b',
    [[3, 8], [8]],
    ([x, b]) => layerNorm(x, { epsilon, b }),
    ([x, b]) => ref.layerNorm(x, epsilon, undefined, b),
  ],
  ['layerNorm with an ε that shows', [[3, 8]], ([x]) => layerNorm(x, { epsilon: 0.5 }), ([x]) => ref.layerNorm(x, 0.5)],
  ['rmsNorm', [[2, 3, 8], [8]], ([x, w]) => rmsNorm(x, { epsilon, w }), ([x, w]) => ref.rmsNorm(x, epsilon, w)],
  [
    'rmsNorm with an ε that shows',
    [[3, 8], [8]],
    ([x, w]) => rmsNorm(x, { epsilon: 0.5, w }),
    ([x, w]) => ref.rmsNorm(x, 0.5, w),
  ],
  ...[1, 2, 6].map(
    (groups): Case => [
      `groupNorm of ${groups} groups`,
      [[2, 6, 3, 5], [6], [6]],
      ([x, w, b]) => groupNorm(x, { groups, epsilon, w, b }),
      ([x, w, b]) => ref.groupNorm(x, groups, epsilon, w, b),
    ],
  ),
  [
    'groupNorm with an ε that shows',
    [[1, 4, 2, 2], [4], [4]],
    ([x, w, b]) => groupNorm(x, { groups: 2, epsilon: 0.5, w, b }),
    ([x, w, b]) => ref.groupNorm(x, 2, 0.5, w, b),
  ],
  [
    'rotate of one head',
    [
      [1, 5, 8],
      [5, 4],
      [5, 4],
    ],
    ([x, c, s]) => rotate(x, c, s),
    ([x, c, s]) => ref.rotate(x, c, s),
    1,
  ],
  [
    'rotate of three heads in two batches',
    [
      [2, 5, 12],
      [5, 2],
      [5, 2],
    ],
    ([x, c, s]) => rotate(x, c, s),
    ([x, c, s]) => ref.rotate(x, c, s),
    1,
  ],
]

const reductions: Case[] = [
  ['mean', [[2, 3, 4]], ([x]) => mean(x, { axes: [1] }), ([x]) => ref.mean(x, [1])],
  ['mean over several axes', [[2, 3, 4]], ([x]) => mean(x, { axes: [0, -1] }), ([x]) => ref.mean(x, [0, -1])],
  ['sumOfSquares', [[2, 3, 4]], ([x]) => sumOfSquares(x, { axes: [0, 2] }), ([x]) => ref.sum(ref.mul(x, x), [0, 2])],
  ['min', [[2, 3, 4]], ([x]) => min(x, { axes: [1] }), ([x]) => ref.min(x, [1])],
  ['max over several axes', [[2, 3, 4]], ([x]) => max(x, { axes: [0, 2] }), ([x]) => ref.max(x, [0, 2])],
  ['sum', [[2, 3, 4]], ([x]) => sum(x, { axes: [-1] }), ([x]) => ref.sum(x, [-1])],
  ['sum of all', [[2, 3]], ([x]) => sum(x, { axes: [0, 1] }), ([x]) => ref.sum(x, [0, 1])],
  ['softmax', [[2, 3, 4]], ([x]) => softmax(x), ([x]) => ref.softmax(x, 2)],
  ['softmax over an inner axis', [[2, 3, 4]], ([x]) => softmax(x, 1), ([x]) => ref.softmax(x, 1)],
  [
    'softmax of large scores',
    [[2, 5]],
    ([x]) => softmax(mul(x, constant(1000))),
    ([x]) => ref.softmax(ref.mul(x, scalar(1000)), 1),
  ],
]

export const groups = { elementwise, products, attentions, movement, norms, reductions }
