// A tensor as a description of where its bytes lie. No disk access: slicing and reshaping cost nothing.
import { blockOf, type DType, elementCount, isBlockDType, storedBytes } from './dtype.js'
import { WeightsError } from './errors.js'

/** A run of bytes in a file. */
export interface WeightPart {
  /** absolute path */
  readonly file: string
  readonly offset: number
  readonly sizeBytes: number
}

/**
 * A row-major, little-endian tensor on disk: the concatenation of its parts along dimension 0. Almost every tensor has
 * one part; two occur where a layout keeps halves in another order.
 */
export interface WeightView {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly parts: readonly WeightPart[]
  /** Scaled fp8: the value of an element is this times the stored one. Absent means 1. */
  readonly scale?: number
}

/** Tensors by canonical name, that is the name in a diffusers or transformers folder. */
export type WeightSet = ReadonlyMap<string, WeightView>

/** Rows from (inclusive) to `to` (exclusive) of dimension 0, e.g. q of a fused qkv: [3d, d] → [d, d]. */
export function rows(view: WeightView, from: number, to: number): WeightView {
  const [height, ...rest] = view.shape
  if (height === undefined || !Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to < from || to > height)
    throw new WeightsError(
      'weights/view-invalid',
      `${view.name}: expected rows within [0, ${height ?? 0}], got ${from}..${to}`,
    )
  const rowBytes = storedBytes(view.dtype, elementCount(rest))
  return { ...view, shape: [to - from, ...rest], parts: sliceParts(view.parts, from * rowBytes, to * rowBytes) }
}

/** The same bytes under another shape of equal element count, e.g. a 1×1 convolution as a linear: [o, i, 1, 1] → [o, i]. */
export function reshape(view: WeightView, shape: readonly number[]): WeightView {
  if (elementCount(shape) !== elementCount(view.shape))
    throw new WeightsError(
      'weights/view-invalid',
      `${view.name}: expected a shape of ${elementCount(view.shape)} elements, got [${shape}]`,
    )
  // Blocks run along the last axis: it may be cut between them only.
  if (isBlockDType(view.dtype) && (shape.at(-1) ?? 1) % blockOf(view.dtype).length !== 0)
    throw new WeightsError(
      'weights/view-invalid',
      `${view.name}: expected rows in blocks of ${blockOf(view.dtype).length}, got [${shape}]`,
    )
  return { ...view, shape: [...shape] }
}

/** Stacks views of equal dtype, scale and trailing shape along dimension 0; takes the first one's name. */
export function concatRows(views: readonly WeightView[]): WeightView {
  const [first, ...others] = views
  if (first === undefined) throw new Error('internal: concatRows of nothing')
  for (const other of others) {
    const fits =
      other.dtype === first.dtype &&
      other.scale === first.scale &&
      other.shape.length > 0 &&
      String(other.shape.slice(1)) === String(first.shape.slice(1))
    if (!fits)
      throw new WeightsError(
        'weights/view-invalid',
        `${other.name}: expected rows like ${describe(first)}, got ${describe(other)}`,
      )
  }
  const height = views.reduce((sum, view) => sum + view.shape[0]!, 0)
  return { ...first, shape: [height, ...first.shape.slice(1)], parts: joinParts(views.flatMap((view) => view.parts)) }
}

/** The same tensor under another name. */
export function renamed(view: WeightView, name: string): WeightView {
  return { ...view, name }
}

/** Total bytes of a view. */
export function viewSizeBytes(view: WeightView): number {
  return storedBytes(view.dtype, elementCount(view.shape))
}

function describe(view: WeightView): string {
  return `${view.dtype} [${view.shape}]${view.scale === undefined ? '' : ` × ${view.scale}`}`
}

function sliceParts(parts: readonly WeightPart[], from: number, to: number): WeightPart[] {
  const sliced: WeightPart[] = []
  let start = 0
  for (const part of parts) {
    const lo = Math.max(from, start)
    const hi = Math.min(to, start + part.sizeBytes)
    if (lo < hi) sliced.push({ file: part.file, offset: part.offset + lo - start, sizeBytes: hi - lo })
    start += part.sizeBytes
  }
  return sliced
}

/** Neighbouring runs become one, so that split and rejoined rows are a plain single-part tensor again. */
function joinParts(parts: readonly WeightPart[]): WeightPart[] {
  const joined: WeightPart[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if (last && last.file === part.file && last.offset + last.sizeBytes === part.offset)
      joined[joined.length - 1] = { ...last, sizeBytes: last.sizeBytes + part.sizeBytes }
    else joined.push(part)
  }
  return joined
}
