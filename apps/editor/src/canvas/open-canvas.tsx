/** Joins a canvas with the page around it: menus, pictures, problems and runs. */

import { arrange } from '../app/selection-edits.js'
import type { Tab } from '../app/tab.js'
import type { Workspace } from '../app/workspace.js'
import { judge } from '../catalogue/compatibility.js'
import { goalOf, outputOf } from '../catalogue/face.js'
import { PromptField } from '../dreamo/prompt-field.js'
import { focusDetails } from './canvas-keys.js'
import { GraphCanvas } from './graph-canvas.js'
import { isUnplaced } from './make-room.js'
import { NearNode } from './near-node.js'
import type { NodeContext } from './node-context.js'

export function openCanvas(element: HTMLElement, workspace: Workspace, tab: Tab): GraphCanvas {
  const { catalogue } = workspace
  const problems = workspace.problemsOf(tab)
  const pictures = workspace.picturesOf(tab)
  pictures.onLoad = () => canvas.repaint()
  const context: NodeContext = {
    get canvas() {
      return canvas
    },
    tab,
    catalogue,
    tools: {
      upload: (file) => workspace.upload(file),
      suggestions: (type, param) => modelNames(workspace, type, param),
      promptField: (node) => (props) => <PromptField {...props} tab={tab} catalogue={catalogue} node={node} />,
    },
    pictureUrl: (id) => pictures.urls().get(id),
    problems: { subscribe: problems.subscribe, of: (id) => problems.of(tab.runId(id)) },
  }
  const canvas: GraphCanvas = new GraphCanvas(element, {
    tab,
    catalogue,
    render: (id) => <NearNode id={id} context={context} />,
    pictures: () => pictures.images(),
    nodeState: (id) => {
      const phase = tab.run.state.nodes.get(tab.runId(id))?.phase
      if (phase === 'running' || phase === 'failed' || phase === 'cached') return phase
      if (problems.of(tab.runId(id)).length > 0) return 'problem'
      return phase === 'ran' ? 'done' : undefined
    },
    openSearch: (at) => workspace.page.set({ popup: { kind: 'search', at } }),
    openWireMenu: (wire, at) => workspace.page.set({ popup: { kind: 'wire', wire, at } }),
    openContextMenu: (at) => workspace.page.set({ popup: { kind: 'context', at } }),
    refuse: (wire, to, at) => {
      const other = canvas.scene.nodes.get(to.node)
      if (!other) return
      const give = wire.side === 'output' ? wire.value : outputOf(other.face, to.socket)
      const take = wire.side === 'output' ? goalOf(other.face, to.socket) : wire.value
      const verdict = give && take && judge(catalogue, give, take)
      if (!verdict || verdict.fits) return
      const { reason, converters } = verdict
      workspace.page.set({ popup: { kind: 'refusal', at, wire, to, reason, converters } })
    },
    openFrame: () => focusDetails(workspace),
    openNode: (id) => {
      const component = canvas.scene.nodes.get(id)?.face.component
      if (component === undefined) return
      tab.openComponent(component, id)
      canvas.fit()
    },
  })
  canvas.repaintOn(problems)
  canvas.refreshOn(workspace.files)
  // The page learns of the canvas only after this.
  if (isUnplaced(tab)) queueMicrotask(() => void arrange(workspace))
  return canvas
}

function modelNames(workspace: Workspace, type: string, param: string): readonly string[] | undefined {
  if (type !== 'model/load' || param !== 'model') return undefined
  return workspace.server.state.models.map(({ name }) => name)
}
