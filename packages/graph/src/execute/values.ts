/** Values and digests on their way from outputs to inputs: collected, flattened, converted, picked per item. */
import type { CachedOutput } from '../cache/entry.js'
import type { PlanInput, PlanNode, PlanSource } from '../check/plan.js'
import { digestText } from '../digest.js'
import { GraphError } from '../errors.js'
import type { ValueType } from '../socket-type.js'

export type Outputs = Readonly<Record<string, CachedOutput>>

/** Digest of a list, from the digests of its items. */
export function listDigest(items: readonly string[]): string {
  return `[${items.length}:${digestText(items.join('\n'))}]`
}

/** A value with its digests, as the cache and the next nodes want it. */
export function digestOutput(value: unknown, { type, list }: ValueType): CachedOutput {
  if (!list) return { value, digest: type.digest(value) }
  const items = (value as readonly unknown[]).map((item) => type.digest(item))
  return { value, digest: listDigest(items), items }
}

export class Values {
  readonly #outputs: (Outputs | undefined)[]
  readonly #given = new Map<PlanSource, CachedOutput>()

  constructor(count: number) {
    this.#outputs = new Array(count)
  }

  put(node: number, outputs: Outputs): void {
    this.#outputs[node] = outputs
  }

  drop(node: number): void {
    this.#outputs[node] = undefined
  }

  outputs(node: number): Outputs | undefined {
    return this.#outputs[node]
  }

  output(source: PlanSource): CachedOutput {
    if (source.node >= 0) return this.#outputs[source.node]![source.output]!
    const known = this.#given.get(source)
    if (known) return known
    const given = digestOutput(source.value, source.from)
    this.#given.set(source, given)
    return given
  }

  /** The converted value of a source; a list is converted item by item. */
  value(source: PlanSource, item?: number): unknown {
    const { value } = this.output(source)
    const picked = item === undefined ? value : (value as readonly unknown[])[item]
    const { convert } = source
    if (!convert) return picked
    return source.from.list && item === undefined
      ? (picked as readonly unknown[]).map((each) => convertValue(source, each))
      : convertValue(source, picked)
  }

  /** How often a mapped node runs: the one length of its lists that is not 1. */
  itemCount({ id, inputs }: PlanNode<unknown>): number {
    let count = 1
    let named: string | undefined
    for (const input of inputs) {
      if (!input.maps) continue
      const { length } = this.output(input.sources[0]!).items!
      if (length === 1 || (named !== undefined && length === count)) continue
      if (named !== undefined) {
        const rule = `lists of equal length (or length 1)`
        throw new GraphError(
          'run/list-lengths',
          `node ${id}: expected ${rule}, got ${named} with ${count} and ${input.name} with ${length}`,
        )
      }
      named = input.name
      count = length
    }
    return count
  }

  /** Digest of what an input receives, whole or for one item. */
  inputDigest(input: PlanInput, item?: number): string {
    const source = input.sources[0]!
    if (!input.many) {
      const { digest, items } = this.output(source)
      const own = item !== undefined && input.maps ? items![items!.length === 1 ? 0 : item]! : digest
      return tagged(source, own)
    }
    const parts = input.sources.flatMap((each) => {
      const { digest, items } = this.output(each)
      return items ? items.map((part) => tagged(each, part)) : [tagged(each, digest)]
    })
    return parts.join('\t')
  }

  /** What `run` gets for an input. */
  inputValue(input: PlanInput, item?: number): unknown {
    if (input.many) {
      return input.sources.flatMap((source) =>
        source.from.list ? (this.value(source) as unknown[]) : [this.value(source)],
      )
    }
    const source = input.sources[0]!
    if (item === undefined || !input.maps) return this.value(source)
    return this.value(source, this.output(source).items!.length === 1 ? 0 : item)
  }
}

/** A converted value is not the value: its digest names the type it came from. */
function tagged({ convert, from }: PlanSource, digest: string): string {
  return convert ? `${from.type.name}>${digest}` : digest
}

function convertValue({ convert, from }: PlanSource, value: unknown): unknown {
  try {
    return convert!(value)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new GraphError('run/conversion', `conversion from ${from.type.name}: ${reason}`, { cause })
  }
}
