/** References, packer and routing of a DreamO workflow at one glance. */
import { useState } from 'react'
import { Icon } from '../app/icons.js'
import type { Workspace } from '../app/workspace.js'
import { findGraph } from '../document/graph.js'
import { setParam } from '../document/recipes/params.js'
import { Panel } from '../panels/panel.js'
import { prepareReferences } from '../run/prepare-references.js'
import { useSelect } from '../state/use-select.js'
import { addReference } from './add-reference.js'
import { PackerView } from './packer-view.js'
import { PresetChooser } from './preset-chooser.js'
import { PromptField } from './prompt-field.js'
import { markPrompt } from './prompt-marks.js'
import { ReferenceCard } from './reference-card.js'
import { nodesOfType, nodeTypes, promptOf, referencesOf } from './references.js'
import { RoutingView } from './routing-view.js'
import { setReferencePicture } from './set-reference-picture.js'

export function DreamoPanel({ workspace }: { readonly workspace: Workspace }) {
  const tab = useSelect(workspace.page, () => workspace.tab)
  const graphName = useSelect(tab.view, (view) => view.graph)
  const graph = useSelect(tab.store, ({ document }) => findGraph(document, graphName))
  const urls = useSelect(tab.run, () => workspace.picturesOf(tab).urls())
  const [isPreparing, setPreparing] = useState(false)
  const { catalogue } = workspace
  if (!graph) return null
  const references = referencesOf(graph, catalogue)
  const prompt = promptOf(graph, catalogue, references.find(({ packer }) => packer !== undefined)?.packer)
  const param = catalogue.find(nodeTypes.text)?.params.find(({ name }) => name === 'text')
  const marks = markPrompt(prompt?.text ?? '', references)
  const [sampler] = nodesOfType(graph, nodeTypes.sampler)
  const setPrompt = (text: string): void => {
    if (prompt) tab.apply(setParam(graphName, { node: prompt.node, param: 'text', title: 'Prompt' }, text))
  }
  const setPicture = (node: string, file: File): void => {
    void workspace.attempt(async () => {
      const upload = await workspace.backend.upload(file)
      tab.apply(setReferencePicture(graphName, graph, catalogue, { node, file: upload.file }))
    })
  }
  const prepare = async (): Promise<void> => {
    setPreparing(true)
    await prepareReferences(
      workspace,
      tab,
      references.map(({ node }) => node),
    )
    setPreparing(false)
  }
  return (
    <Panel title="References and prompt" side="right" workspace={workspace} className="dreamo">
      <PresetChooser workspace={workspace} tab={tab} graph={graph} />
      {prompt && param && (
        <div className="param-line">
          <PromptField
            param={param}
            value={prompt.text}
            onChange={(value) => setPrompt(String(value ?? ''))}
            tab={tab}
            catalogue={catalogue}
            node={prompt.node}
          />
        </div>
      )}
      {references.map((reference) => (
        <ReferenceCard
          key={reference.node}
          reference={reference}
          workspace={workspace}
          tab={tab}
          pictureUrl={urls.get(reference.picture ?? '')}
          mentions={marks.filter(({ slot }) => slot === reference.slot).length}
          onFile={(file) => setPicture(reference.node, file)}
          onName={() => setPrompt(`${prompt?.text.trimEnd() ?? ''} [ref#${reference.slot}]`.trimStart())}
        />
      ))}
      <button
        type="button"
        className="button"
        disabled={references.length >= 9}
        onClick={() => tab.apply(addReference(graphName, graph, catalogue))}
      >
        <Icon name="add" size={13} /> Add a reference
      </button>
      {references.length > 0 && graphName === null && (
        <button type="button" className="button" disabled={isPreparing} onClick={() => void prepare()}>
          <Icon name="eye" size={13} /> {isPreparing ? 'Preparing…' : 'See what the model gets'}
        </button>
      )}
      <h3>Where they look</h3>
      <RoutingView tab={tab} pictureUrl={urls.get(sampler ?? '')} />
      <h3>Tokens and positions</h3>
      <PackerView workspace={workspace} tab={tab} graph={graph} />
    </Panel>
  )
}
