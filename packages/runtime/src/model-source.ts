/** What the runtime needs to know about a model before it opens it. */

export interface ModelSource {
  /** Names the model in errors and in `status()`, e.g. "transformer". */
  readonly name: string
  /** A serialized ONNX ModelProto. Weights stay outside: initializers point into files by paths relative to the root. */
  readonly bytes: Uint8Array
  /** Size of all weights the graph points to. */
  readonly weightBytes: number
  /** Bytes of weights by file: sessions that map the same file share its pages. Default: all in a file of the model's own. */
  readonly weightFiles?: ReadonlyMap<string, number>
  /** Size of all values that depend on weights alone; counts where weights are packed. Default 0. */
  readonly foldableBytes?: number
  /** Estimate of the largest total of values alive at one time in a run. */
  readonly peakActivationBytes: number
}
