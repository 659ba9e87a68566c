// What we and the process of a pack say to each other. Types only; what the process says is checked in replies.ts.
import type { JsonValue } from '@dreamgraph/graph'

/** The values at one socket, each with how many of the frame's blobs belong to it. A single value is a row of one. */
export type SocketValues = readonly [name: string, values: readonly (readonly [json: JsonValue, blobs: number])[]]

export type Order =
  | {
      readonly op: 'run'
      readonly node: string
      /** Unlinked inputs are absent. */
      readonly inputs: readonly SocketValues[]
      readonly params: Readonly<Record<string, JsonValue>>
    }
  | { readonly op: 'abort' }

export type Reply =
  /** The pack is loaded; its declarations, with `run` as the name of its type. */
  | { readonly op: 'ready'; readonly nodes: JsonValue }
  | { readonly op: 'refused'; readonly message: string }
  | { readonly op: 'progress'; readonly done: number; readonly total: number; readonly label?: string }
  | { readonly op: 'result'; readonly outputs: readonly SocketValues[] }
  | { readonly op: 'failed'; readonly message: string }
