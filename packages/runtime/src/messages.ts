/** What crosses the pipe between the runtime and its child. Both ends are this package, so nothing here is versioned. */

import type { TensorData, TensorSpec } from './tensor.js'

export type Device = 'cpu' | 'webgpu' | 'cuda'

/**
 * mapped: weights stay in the pages of their files and are converted at each use; opening costs no time and no memory.
 * laid-out: as mapped, but weights that a kernel wants in another order (those of few bits) are copied into it once.
 * packed: whatever hangs on weights alone (casts, fused LoRAs) is computed once and laid out for speed, in memory of its own.
 */
export type WeightPlacement = 'mapped' | 'laid-out' | 'packed'

export interface LoadSettings {
  readonly device: Device
  readonly threads: number
  readonly weights: WeightPlacement
  readonly keepMemory: boolean
  readonly verbose: boolean
}

export type Request =
  | { readonly op: 'load'; readonly key: number; readonly model: Uint8Array; readonly settings: LoadSettings }
  | { readonly op: 'bind'; readonly state: number; readonly feeds: Readonly<Record<string, TensorData>> }
  | {
      readonly op: 'run'
      readonly key: number
      readonly feeds: Readonly<Record<string, TensorData>>
      readonly outputs: readonly string[]
      /** Whose values stand in for feeds that are absent. */
      readonly state: number
      /** Output → the name in the state that it is kept under. */
      readonly carry: Readonly<Record<string, string>>
    }
  | { readonly op: 'read'; readonly state: number; readonly names: readonly string[] }
  | { readonly op: 'drop'; readonly state: number }
  | { readonly op: 'release'; readonly key: number }

export type Op = Request['op']

export interface TensorSpecs {
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
}

export interface Results {
  load: TensorSpecs
  bind: null
  run: Record<string, TensorData>
  read: Record<string, TensorData>
  drop: null
  release: null
}

/** Resident memory of the child: now, and its highest so far. */
export interface ChildMemory {
  readonly rssBytes: number
  readonly peakRssBytes: number
}

export type Envelope = { readonly id: number } & Request

export type Reply = { readonly id: number; readonly memory: ChildMemory } & (
  | { readonly value: Results[Op] }
  | { readonly error: string }
)
