// An imported flow made to fit the model that it will run on, and made to keep the pictures that it only shows.
import type { ComfyNodeOf } from '@dreamgraph/comfy'
import type { Preset } from '@dreamgraph/dreamo'
import type { JsonValue, Workflow, WorkflowNode } from '@dreamgraph/graph'

/** Which preset of DreamO the flow puts on its model, if any. */
export function presetIn({ nodes }: Workflow): string | undefined {
  const preset = Object.values(nodes).find(({ type }) => type === 'model/preset')
  return preset && String(preset.params?.version)
}

/**
 * With the preset that the model has. The small model was trained at sizes and prompt lengths of its own, so those of a flow
 * for FLUX give way; its steps, guidance and prompt stay.
 */
export function fitPreset(workflow: Workflow, { version, referenceResolution, textTokens }: Preset): Workflow {
  const given: Readonly<Record<string, Readonly<Record<string, JsonValue>>>> = {
    'model/preset': { version },
    ...(version === 'mini' && {
      'dreamo/encode-reference': { resolution: referenceResolution },
      'dreamo/encode-text': { maxTokens: textTokens },
    }),
  }
  const nodes = Object.entries(workflow.nodes).map(([id, node]): [string, WorkflowNode] => {
    const params = given[node.type]
    return [id, params ? { ...node, params: { ...node.params, ...params } } : node]
  })
  return { ...workflow, nodes: Object.fromEntries(nodes) }
}

/** Declares an output for each picture that has none, so that those of a PreviewImage can be looked at afterwards too. */
export function keepShown(workflow: Workflow, nodeOf: ComfyNodeOf): { workflow: Workflow; nodeOf: ComfyNodeOf } {
  const outputs = { ...workflow.outputs }
  const pictures = nodeOf.pictures.map((picture, index) => {
    if (picture.kind === 'saved' || picture.output !== undefined) return picture
    const { from, isList } = picture
    const isSame = ([, output]: [string, { from: typeof from }]) =>
      output.from.node === from.node && output.from.socket === from.socket
    const [known] = Object.entries(outputs).find(isSame) ?? []
    const output = known ?? `shown${index + 1}`
    if (known === undefined) outputs[output] = { type: isList ? 'list<image>' : 'image', title: 'Shown', from }
    return { ...picture, output }
  })
  return { workflow: { ...workflow, outputs }, nodeOf: { ...nodeOf, pictures } }
}
