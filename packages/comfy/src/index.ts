/** Public names of the comfy package, in reading order. */

export { ComfyError, type ComfyErrorCode, type ComfyProblem, comfyErrors } from './errors.js'
export { type ComfyJson, type ComfyObject, parseComfy, printComfy } from './exact-json.js'
export type { ComfyNode, ComfyPrompt } from './prompt.js'
export { type ComfyFile, readComfy } from './read.js'
export { flowOfTexts } from './picture-texts.js'
export type { ComfyUiFile } from './ui-file.js'
export { toPrompt } from './to-prompt.js'
export { type ClassInfo, type ComfyLists, type InputInfo, type ObjectInfo, objectInfo } from './object-info.js'
export {
  type NodeFaults,
  type PromptFaults,
  type PromptVerdict,
  promptIdFault,
  type ValidateOptions,
  validatePrompt,
} from './validate-prompt.js'
export type { ComfyFault } from './validate-inputs.js'
export { type ComfyNodeOf, type ImportedWorkflow, type ImportOptions, importComfy } from './import/import-comfy.js'
export type { ReportEntry } from './import/report.js'
export type { ComfyPicture } from './import/work.js'
