// A flow of ComfyUI as one of ours: from its JSON, or from a picture that it saved.
import { ComfyError, type ComfyJson, flowOfTexts, importComfy, parseComfy } from '@dreamgraph/comfy'
import { type Catalogue, describeCatalogue, printWorkflow } from '@dreamgraph/graph'
import { isPng, readPngTexts, type Services } from '@dreamgraph/nodes'
import type { ImportedWorkflow } from '@dreamgraph/protocol'
import { ServerProblem } from '../problem.js'

/** Throws workflow/invalid for what is none, with every finding. */
export function importFlow(bytes: Uint8Array, name: string, catalogue: Catalogue<Services>): ImportedWorkflow {
  try {
    const { value, layout } = read(bytes)
    const { workflow, report } = importComfy(value, describeCatalogue(catalogue), { name, layout })
    return { text: printWorkflow(workflow), report: report.map((entry) => ({ ...entry, nodes: [...entry.nodes] })) }
  } catch (error) {
    if (!(error instanceof ComfyError)) throw error
    throw new ServerProblem('workflow/invalid', error.message, { cause: error })
  }
}

function read(bytes: Uint8Array): { value: ComfyJson; layout?: ComfyJson } {
  if (!isPng(bytes)) return { value: parseComfy(new TextDecoder().decode(bytes)) }
  const flow = flowOfTexts(readPngTexts(bytes))
  if (flow) return flow
  throw new ServerProblem(
    'workflow/invalid',
    'picture: expected one that ComfyUI saved with its workflow, got none in it',
  )
}
