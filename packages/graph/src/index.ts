/** Public names of the graph package, in reading order. */

export type {
  CachedOutput,
  CacheEntry,
  CacheStore,
  NodeRecord,
  ResultCache,
  RunRecord,
  SetOptions,
} from './cache/entry.js'
export { type MemoryCacheOptions, memoryCache } from './cache/memory.js'
export { type TieredCacheOptions, tieredCache } from './cache/tiered.js'
export { type Catalogue, catalogue } from './catalogue.js'
export { type CheckOptions, type CheckResult, check } from './check/check.js'
export type { Plan, PlanInput, PlanNode, PlanOutput, PlanSource } from './check/plan.js'
export {
  type CatalogueDescription,
  describeCatalogue,
  describeNode,
  type NodeDescription,
  type ParamDescription,
  type PortDescription,
  type SocketTypeDescription,
} from './describe.js'
export { upgradeWorkflow } from './check/upgrade.js'
export { digestEncoded, digestText, type Encoded } from './digest.js'
export { type DocumentLimits, defaultDocumentLimits, scanJson } from './document/limits.js'
export { printWorkflow } from './document/print.js'
export { type LoadedWorkflow, parseWorkflow, readWorkflow } from './document/read.js'
export { saveWorkflow } from './document/save.js'
export {
  type Component,
  type DeclaredInput,
  type DeclaredOutput,
  type InputTarget,
  schemaVersion,
  type Workflow,
  type WorkflowLink,
  type WorkflowNode,
} from './document/schema.js'
export { DocumentError, GraphError, type GraphErrorCode, graphErrors, type Problem } from './errors.js'
export type { ExecutionEvent, ItemPosition } from './execute/events.js'
export { type ExecuteOptions, execute, type RunResult } from './execute/execute.js'
export { NodeFailed, type NodeReports, RunCancelled } from './execute/failure.js'
export type { NodeReport, NodeStatus } from './execute/report.js'
export { defaultResourceLimits, type ResourceLimits } from './execute/slots.js'
export { canonicalJson, isJsonObject, type JsonObject, type JsonValue, sameJson, showValue } from './json.js'
export {
  defineNode,
  type FingerprintArguments,
  type Node,
  type NodeContext,
  type NodeSpec,
  nodeDefiner,
  type ParamMigration,
  type Params,
  type Ports,
  type Preview,
  type ResourceClass,
  type RunArguments,
} from './node.js'
export {
  type FileParamOptions,
  type NumberParamOptions,
  type Param,
  type ParamFault,
  type ParamKind,
  p,
  type TextParamOptions,
} from './param.js'
export { type Port, type PortOptions, type PortValue, port, primitiveSockets, type Socket, sockets } from './port.js'
export {
  booleanType,
  fileType,
  floatType,
  intType,
  jsonType,
  maxSeed,
  primitiveTypes,
  seedType,
  textType,
} from './primitives.js'
export {
  conversion,
  type SocketType,
  type SocketTypeSpec,
  socketType,
  typeName,
  type ValueType,
  type Widening,
  widenFrom,
} from './socket-type.js'
