// The state of a stage as arrays: what is bound to begin with, and what a checkpoint takes out again.
import { sizeOf } from '@dreamgraph/onnx'
import type { Session, TensorData } from '@dreamgraph/runtime'
import { gradientOf } from './accumulate.js'
import type { Checkpoint, NewCheckpoint } from './checkpoint.js'
import { emaOf } from './ema.js'
import { TrainError } from './errors.js'
import type { Trainables } from './trainable.js'
import { meanOf, squareOf } from './update.js'

/** Everything of a parameter that a checkpoint keeps. */
const kept = (name: string, withEma: boolean): string[] => [
  name,
  meanOf(name),
  squareOf(name),
  ...(withEma ? [emaOf(name)] : []),
]

/** The state before the first step: moments at zero, the running mean at the parameters themselves. */
export function freshState(
  trainables: Trainables,
  values: ReadonlyMap<string, Float32Array>,
  withEma: boolean,
): Checkpoint['state'] {
  return new Map(
    [...trainables].flatMap(([name, { shape }]) => {
      const value = values.get(name)
      if (value?.length !== sizeOf(shape)) {
        const rule = `${sizeOf(shape)} values`
        const got = value ? `${value.length}` : 'none'
        throw new TrainError('train/checkpoint-invalid', `start value of ${name}: expected ${rule}, got ${got}`)
      }
      const zeros = (): Float32Array => new Float32Array(value.length)
      const all = [value, zeros(), zeros(), value]
      return kept(name, withEma).map((key, i) => [key, { shape, data: all[i] }] as const)
    }),
  )
}

/** Throws train/checkpoint-invalid unless a saved state has the tensors of this model. */
export function checkState(where: string, saved: Checkpoint['state'], fresh: Checkpoint['state']): void {
  const print = (state: Checkpoint['state'], name: string): string => {
    const value = state.get(name)
    return value ? `${name} [${value.shape}]` : `no ${name}`
  }
  const different = [...saved.keys(), ...fresh.keys()].find((name) => print(saved, name) !== print(fresh, name))
  if (different === undefined) return
  const rule = `a checkpoint of this model, with ${print(fresh, different)}`
  throw new TrainError('train/checkpoint-invalid', `${where}: expected ${rule}, got ${print(saved, different)}`)
}

/**
 * Binds a state to a session that has all of it as inputs, gathered gradients too; one parameter at a time, because a
 * message between processes holds 2 GiB at most.
 */
export async function bindState(session: Session, trainables: Trainables, state: Checkpoint['state']): Promise<void> {
  for (const [name, { shape }] of trainables) {
    const own = [name, meanOf(name), squareOf(name), emaOf(name)].filter((key) => state.has(key))
    const values = own.map((key): [string, TensorData] => [key, { dtype: 'float32', ...state.get(key)! }])
    const none: TensorData = { dtype: 'float32', shape, data: new Float32Array(sizeOf(shape)) }
    await session.bind({ ...Object.fromEntries(values), [gradientOf(name)]: none })
  }
}

/** The state that runs have carried, each value to be fetched when its turn comes. */
export function stateToFetch(session: Session, trainables: Trainables, withEma: boolean): NewCheckpoint['state'] {
  const entries = [...trainables].flatMap(([name, { shape }]) =>
    kept(name, withEma).map((key) => {
      const data = async (): Promise<Float32Array> => (await session.read([key]))[key].data as Float32Array
      return [key, { shape, data }] as const
    }),
  )
  return new Map(entries)
}
