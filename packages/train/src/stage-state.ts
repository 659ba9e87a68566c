// The state of a stage as arrays: what is bound to begin with, and what a checkpoint takes out again.
import { sizeOf } from '@dreamgraph/onnx'
import type { Session, TensorData } from '@dreamgraph/runtime'
import { gradientOf } from './accumulate.js'
import type { Checkpoint } from './checkpoint.js'
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

/** Binds a state to a session that has all of it as inputs, gathered gradients too. */
export async function bindState(session: Session, trainables: Trainables, state: Checkpoint['state']): Promise<void> {
  const feeds: Record<string, TensorData> = {}
  for (const [name, value] of state) feeds[name] = { dtype: 'float32', ...value }
  for (const [name, { shape }] of trainables) {
    feeds[gradientOf(name)] = { dtype: 'float32', shape, data: new Float32Array(sizeOf(shape)) }
  }
  await session.bind(feeds)
}

/** Fetches the state that runs have carried. */
export async function readState(
  session: Session,
  trainables: Trainables,
  withEma: boolean,
): Promise<Checkpoint['state']> {
  const names = [...trainables.keys()].flatMap((name) => kept(name, withEma))
  const values = await session.read(names)
  return new Map(names.map((name) => [name, { shape: values[name].shape, data: values[name].data as Float32Array }]))
}
