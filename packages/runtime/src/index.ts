/** onnxruntime behind a small interface, in a process of its own that may be killed. */

export { RuntimeError, type RuntimeErrorCode, runtimeErrorCodes } from './errors.js'
export type { Feeds } from './feeds.js'
export { availableMemory } from './available-memory.js'
export { formatGiB, residentWeightBytes, runBytes } from './memory-plan.js'
export type { Device, WeightPlacement } from './messages.js'
export type { ModelSource } from './model-source.js'
export { openRuntime, Runtime, type RuntimeOptions, type RuntimeStatus } from './runtime.js'
export { type CallOptions, type RunOptions, Session, type SessionOptions } from './session.js'
export type { SessionState } from './session-state.js'
export { type DType, elementCount, type TensorArray, type TensorData, type TensorSpec, tensorArrays } from './tensor.js'
