// A workflow file from the command line, with the values of its inputs.
import { DocumentError, type LoadedWorkflow } from '@dreamgraph/graph'
import { readWorkflowFile } from '@dreamgraph/nodes'
import { type GivenInputs, readInputs } from './inputs.js'
import { WorkflowInvalid } from './problems.js'

export interface Assignment extends GivenInputs {
  readonly loaded: LoadedWorkflow
}

/** Throws cli/workflow-invalid with all that is wrong with the text, store/file-unreadable, cli/input-invalid. */
export async function loadWorkflow(path: string, inputPairs: readonly string[]): Promise<Assignment> {
  const loaded = await readWorkflowFile(path).catch((error) => {
    throw error instanceof DocumentError ? new WorkflowInvalid(path, error.problems) : error
  })
  return { loaded, ...(await readInputs(inputPairs, loaded.document)) }
}
