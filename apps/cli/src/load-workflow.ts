// A workflow file from the command line, with the values of its inputs.
import type { LoadedWorkflow } from '@dreamgraph/graph'
import { readWorkflowFile } from '@dreamgraph/nodes'
import { type GivenInputs, readInputs } from './inputs.js'

export interface Assignment extends GivenInputs {
  readonly loaded: LoadedWorkflow
}

/** Throws what reading a workflow file throws, and cli/input-invalid. */
export async function loadWorkflow(path: string, inputPairs: readonly string[]): Promise<Assignment> {
  const loaded = await readWorkflowFile(path)
  return { loaded, ...(await readInputs(inputPairs, loaded.document)) }
}
