// Every op by its definition, in float64 and without a thought for speed: what sessions of the emitted graphs must agree with.

export interface Value {
  readonly shape: readonly number[]
  /** Row-major. */
  readonly data: Float64Array
}

const count = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)
const total = (length: number, term: (i: number) => number): number =>
  Array.from({ length }, (_, i) => term(i)).reduce((a, b) => a + b, 0)

/** Fills a shape element by element from its index. */
export function make(shape: readonly number[], element: (index: number[]) => number): Value {
  const data = Float64Array.from({ length: count(shape) }, (_, flat) => {
    let rest = flat
    const index = shape.toReversed().map((d) => {
      const i = rest % d
      rest = Math.floor(rest / d)
      return i
    })
    return element(index.reverse())
  })
  return { shape, data }
}

/** The element at an index. As in broadcasting, the index may have more axes, and axes of length 1 repeat. */
export function at({ shape, data }: Value, index: readonly number[]): number {
  const own = index.slice(index.length - shape.length)
  return data[shape.reduce((flat, d, axis) => flat * d + (d === 1 ? 0 : own[axis]), 0)]
}

function broadcast(values: readonly Value[]): number[] {
  const rank = Math.max(...values.map(({ shape }) => shape.length))
  return Array.from({ length: rank }, (_, i) => Math.max(...values.map(({ shape }) => shape.at(i - rank) ?? 1)))
}

const each =
  (f: (...x: number[]) => number) =>
  (...values: Value[]): Value =>
    make(broadcast(values), (index) => f(...values.map((value) => at(value, index))))

export const add = each((a, b) => a + b)
export const sub = each((a, b) => a - b)
export const mul = each((a, b) => a * b)
export const div = each((a, b) => a / b)
export const abs = each(Math.abs)
export const neg = each((x) => -x)
export const exp = each(Math.exp)
export const log = each(Math.log)
export const sqrt = each(Math.sqrt)
export const minimum = each(Math.min)
export const maximum = each(Math.max)
export const tanh = each(Math.tanh)
export const sigmoid = each((x) => 1 / (1 + Math.exp(-x)))
export const silu = each((x) => x / (1 + Math.exp(-x)))
export const quickGelu = each((x) => x / (1 + Math.exp(-1.702 * x)))
export const geluTanh = each((x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))))

export function matmul(a: Value, b: Value): Value {
  const inner = a.shape.at(-1)!
  const lead = broadcast([a, b].map(({ shape }) => ({ shape: shape.slice(0, -2), data: new Float64Array() })))
  return make([...lead, a.shape.at(-2)!, b.shape.at(-1)!], (index) => {
    const [i, j] = index.slice(-2)
    const before = index.slice(0, -2)
    return total(inner, (k) => at(a, [...before, i, k]) * at(b, [...before, k, j]))
  })
}

export function linear(x: Value, w: Value, b?: Value): Value {
  return make([...x.shape.slice(0, -1), w.shape[0]], (index) => {
    const row = index.at(-1)!
    const product = total(w.shape[1], (k) => at(x, [...index.slice(0, -1), k]) * at(w, [row, k]))
    return product + (b ? at(b, [row]) : 0)
  })
}

export function conv2d(x: Value, w: Value, b: Value | undefined, stride: number, pads: readonly number[]): Value {
  const [batch, channels, height, width] = x.shape
  const [outputs, , rows, columns] = w.shape
  const [top, left, bottom, right] = pads
  const outHeight = Math.floor((height + top + bottom - rows) / stride) + 1
  const outWidth = Math.floor((width + left + right - columns) / stride) + 1
  return make([batch, outputs, outHeight, outWidth], ([n, o, i, j]) => {
    const pixel = (c: number, dy: number, dx: number): number => {
      const [row, column] = [i * stride + dy - top, j * stride + dx - left]
      const isInside = row >= 0 && row < height && column >= 0 && column < width
      return isInside ? at(x, [n, c, row, column]) * at(w, [o, c, dy, dx]) : 0
    }
    const product = total(channels, (c) => total(rows, (dy) => total(columns, (dx) => pixel(c, dy, dx))))
    return product + (b ? at(b, [o]) : 0)
  })
}

export interface AttentionOptions {
  heads: number
  scale?: number
  causal?: boolean
  bias?: Value
}

export function attention(q: Value, k: Value, v: Value, { heads, scale, causal, bias }: AttentionOptions): Value {
  const [keys, size] = [k.shape[1], q.shape[2] / heads]
  const factor = scale ?? 1 / Math.sqrt(size)
  const weights = make([q.shape[0], heads, q.shape[1], keys], ([n, h, i, j]) => {
    if (causal && j > i) return Number.NEGATIVE_INFINITY
    const score = total(size, (c) => at(q, [n, i, h * size + c]) * at(k, [n, j, h * size + c]))
    return factor * score + (bias ? at(bias, [n, h, i, j]) : 0)
  })
  const shares = softmax(weights, 3)
  return make(q.shape, ([n, i, c]) => {
    const head = Math.floor(c / size)
    return total(keys, (j) => at(shares, [n, head, i, j]) * at(v, [n, j, c]))
  })
}

export const reshape = ({ data }: Value, shape: readonly number[]): Value => ({ shape, data })

export function transpose(x: Value, perm: readonly number[]): Value {
  const shape = perm.map((axis) => x.shape[axis])
  return make(shape, (index) =>
    at(
      x,
      x.shape.map((_, axis) => index[perm.indexOf(axis)]),
    ),
  )
}

export function concat(values: readonly Value[], axis: number): Value {
  const length = values.reduce((n, { shape }) => n + shape[axis], 0)
  return make(values[0].shape.with(axis, length), (index) => {
    let i = index[axis]
    const part = values.find(({ shape }) => {
      if (i < shape[axis]) return true
      i -= shape[axis]
      return false
    })
    return at(part!, index.with(axis, i))
  })
}

export const slice = (x: Value, axis: number, from: number, to: number): Value =>
  make(x.shape.with(axis, to - from), (index) => at(x, index.with(axis, index[axis] + from)))

export const pad = (x: Value, axis: number, before: number, after: number): Value =>
  make(
    x.shape.map((d, i) => (i === axis ? before + d + after : d)),
    (index) => {
      const inside = index[axis] - before
      return inside >= 0 && inside < x.shape[axis] ? at(x, index.with(axis, inside)) : 0
    },
  )

export const expand = (x: Value, shape: readonly number[]): Value => make(shape, (index) => at(x, index))

export const gather = (table: Value, indices: Value): Value =>
  make([...indices.shape, ...table.shape.slice(1)], (index) => {
    const rank = indices.shape.length
    return at(table, [at(indices, index.slice(0, rank)), ...index.slice(rank)])
  })

export const upsampleNearest2x = (x: Value): Value => {
  const [batch, channels, height, width] = x.shape
  return make([batch, channels, 2 * height, 2 * width], ([n, c, i, j]) => at(x, [n, c, i >> 1, j >> 1]))
}

export function reduce(x: Value, axes: readonly number[], combine: (values: number[]) => number): Value {
  const reduced = x.shape.map((_, axis) => axes.some((a) => (a < 0 ? a + x.shape.length : a) === axis))
  const shape = x.shape.map((d, axis) => (reduced[axis] ? 1 : d))
  return make(shape, (index) => {
    const spread = make(
      x.shape.map((d, axis) => (reduced[axis] ? d : 1)),
      (inner) =>
        at(
          x,
          inner.map((i, axis) => (reduced[axis] ? i : index[axis])),
        ),
    )
    return combine([...spread.data])
  })
}

const addUp = (values: number[]): number => values.reduce((a, b) => a + b, 0)
export const sum = (x: Value, axes: readonly number[]): Value => reduce(x, axes, addUp)
export const min = (x: Value, axes: readonly number[]): Value => reduce(x, axes, (v) => Math.min(...v))
export const max = (x: Value, axes: readonly number[]): Value => reduce(x, axes, (v) => Math.max(...v))
export const mean = (x: Value, axes: readonly number[]): Value => reduce(x, axes, (v) => addUp(v) / v.length)

export function softmax(x: Value, axis: number): Value {
  const largest = reduce(x, [axis], (values) => Math.max(...values))
  const powers = exp(sub(x, largest))
  return div(powers, sum(powers, [axis]))
}

const plus = (x: Value, constant: number): Value => each((a) => a + constant)(x)

export function layerNorm(x: Value, epsilon: number, w?: Value, b?: Value): Value {
  const centred = sub(x, mean(x, [-1]))
  const normal = div(centred, sqrt(plus(mean(mul(centred, centred), [-1]), epsilon)))
  const scaled = w ? mul(normal, w) : normal
  return b ? add(scaled, b) : scaled
}

export const rmsNorm = (x: Value, epsilon: number, w: Value): Value =>
  mul(div(x, sqrt(plus(mean(mul(x, x), [-1]), epsilon))), w)

export function groupNorm(x: Value, groups: number, epsilon: number, w: Value, b: Value): Value {
  const [batch, channels, height, width] = x.shape
  const rows = reshape(x, [batch * groups, (channels / groups) * height * width])
  const normal = reshape(layerNorm(rows, epsilon), x.shape)
  return make(x.shape, (index) => at(normal, index) * at(w, [index[1]]) + at(b, [index[1]]))
}

export const rotate = (x: Value, cos: Value, sin: Value): Value =>
  make(x.shape, ([n, i, c]) => {
    const pair = [i, Math.floor(c / 2) % cos.shape[1]]
    const isFirst = c % 2 === 0
    const partner = at(x, [n, i, isFirst ? c + 1 : c - 1])
    return at(x, [n, i, c]) * at(cos, pair) + (isFirst ? -partner : partner) * at(sin, pair)
  })
