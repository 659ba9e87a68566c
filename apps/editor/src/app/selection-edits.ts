/** What commands do to the selection, and to files and clipboard. */

import { typeName } from '../catalogue/catalogue.js'
import { faceOf, goalOf, outputOf } from '../catalogue/face.js'
import { pictureNames } from '../catalogue/picture-names.js'
import { componentOf, findGraph, freeName, graphOf, type Point } from '../document/graph.js'
import { placeNodes } from '../document/recipes/arrange.js'
import {
  copyFragment,
  type Fragment,
  fragmentCorner,
  paste,
  pastedIds,
  printFragment,
  readFragment,
} from '../document/recipes/clipboard.js'
import { makeComponent, unpackComponent } from '../document/recipes/components.js'
import { addGroup, removeFrame } from '../document/recipes/frames.js'
import { disconnect } from '../document/recipes/links.js'
import { addNode, type NodeMode, removeNodes, setCollapsed, setMode } from '../document/recipes/nodes.js'
import { linkKey, noSelection, type Tab } from './tab.js'
import type { Workspace } from './workspace.js'

export function deleteSelection({ tab }: Workspace): void {
  const { nodes, links, frame } = tab.view.state
  if (nodes.size > 0) tab.apply(removeNodes(tab.graph, nodes))
  else if (links.size > 0) {
    const all = findGraph(tab.store.document, tab.graph)?.links ?? []
    tab.apply(
      disconnect(
        tab.graph,
        all.filter((link) => links.has(linkKey(link))),
      ),
    )
  } else if (frame) tab.apply(removeFrame(tab.graph, frame.kind, frame.index))
  tab.clearSelection()
}

export function selectAll({ tab }: Workspace): void {
  tab.select(Object.keys(findGraph(tab.store.document, tab.graph)?.nodes ?? {}))
}

const sourceOf = ({ id, graph }: Tab): string => JSON.stringify([id, graph])

function fragmentOf(tab: Tab): Fragment {
  const { document } = tab.store
  const place = { components: document.components, source: sourceOf(tab) }
  return copyFragment(graphOf(document, tab.graph), tab.view.state.nodes, place)
}

let copied: Fragment | undefined
/** The clipboard did not take it. */
let isOnlyHere = false

/** The browser may refuse its clipboard; a copy within the page works always. */
export function copy({ tab }: Workspace): void {
  copied = fragmentOf(tab)
  isOnlyHere = true
  void navigator.clipboard?.writeText(printFragment(copied)).then(
    () => {
      isOnlyHere = false
    },
    () => {},
  )
}

export function cut(workspace: Workspace): void {
  copy(workspace)
  deleteSelection(workspace)
}

export async function pasteText(workspace: Workspace, text: string | undefined): Promise<void> {
  // Any other text in the clipboard was copied later, elsewhere, and is not meant for here.
  const fragment = (text && readFragment(text)) || (!text || isOnlyHere ? copied : undefined)
  if (!fragment || Object.keys(fragment.nodes).length === 0) return
  const corner = fragmentCorner(fragment)
  const { canvas } = workspace
  const pointer = canvas?.stage.pointer
  const { transform, w, h } = canvas?.view.state ?? { transform: { x: 0, y: 0, k: 1 }, w: 0, h: 0 }
  const isSeen =
    pointer !== undefined &&
    pointer.x * transform.k + transform.x > 0 &&
    pointer.x * transform.k + transform.x < w &&
    pointer.y * transform.k + transform.y > 0 &&
    pointer.y * transform.k + transform.y < h
  const at = isSeen ? pointer : (canvas?.center ?? corner)
  place(workspace, fragment, { x: at.x - corner.x, y: at.y - corner.y })
}

export function pasteFromClipboard(workspace: Workspace): void {
  const read = navigator.clipboard?.readText?.() ?? Promise.resolve(undefined)
  void read.catch(() => undefined).then((text) => pasteText(workspace, text))
}

export function duplicate(workspace: Workspace): void {
  const { tab } = workspace
  const fragment = fragmentOf(tab)
  place(workspace, fragment, { x: 40, y: 40 }, 'Duplicate')
}

function place({ tab }: Workspace, fragment: Fragment, by: Point, name?: string): void {
  const ids = pastedIds(graphOf(tab.store.document, tab.graph), fragment)
  tab.apply(paste(tab.graph, fragment, { ids, by, name, source: sourceOf(tab) }))
  tab.select(ids.values())
}

export function toggleMode({ tab }: Workspace, mode: NodeMode): void {
  const { nodes } = tab.view.state
  const graph = graphOf(tab.store.document, tab.graph)
  const isOn = [...nodes].every((id) => graph.nodes[id]?.mode === mode)
  tab.apply(setMode(tab.graph, nodes, isOn ? undefined : mode))
}

export function toggleCollapsed({ tab }: Workspace): void {
  const { nodes } = tab.view.state
  const graph = graphOf(tab.store.document, tab.graph)
  const isOn = [...nodes].every((id) => graph.nodes[id]?.ui?.collapsed)
  tab.apply(setCollapsed(tab.graph, nodes, !isOn))
}

export function group({ tab, canvas }: Workspace): void {
  const box = canvas?.around(tab.view.state.nodes)
  if (!box) return
  const index = findGraph(tab.store.document, tab.graph)?.groups?.length ?? 0
  tab.apply(addGroup(tab.graph, { x: box.x - 24, y: box.y - 48, w: box.w + 48, h: box.h + 72 }))
  tab.view.set({ ...noSelection, frame: { kind: 'groups', index } })
}

export function toComponent({ tab, catalogue }: Workspace): void {
  const { document } = tab.store
  const graph = graphOf(document, tab.graph)
  const ids = [...tab.view.state.nodes].filter((id) => Object.hasOwn(graph.nodes, id))
  if (ids.length === 0) return
  const name = freeName('component', (taken) => Object.hasOwn(document.components ?? {}, taken))
  const id = freeName(name, (taken) => Object.hasOwn(graph.nodes, taken))
  const face = (node: string) => faceOf(document, tab.graph, node, catalogue)
  tab.apply(
    makeComponent(tab.graph, ids, {
      name,
      id,
      outputType: ({ node, socket }) => typeName(outputOf(face(node), socket) ?? { type: 'json', list: false }),
      inputType: ({ node, socket }) => {
        const goal = goalOf(face(node), socket)
        const title = [...face(node).inputs, ...face(node).params].find(({ name }) => name === socket)?.title
        return { type: goal ? typeName(goal) : 'json', kind: goal?.kind ?? 'input', title }
      },
    }),
  )
  tab.select([id])
}

export function isComponentSelected({ tab }: Workspace): boolean {
  const [id] = tab.view.state.nodes
  const type = id === undefined ? undefined : findGraph(tab.store.document, tab.graph)?.nodes[id]?.type
  return type !== undefined && componentOf(type) !== undefined
}

export function unpack(workspace: Workspace): void {
  const { tab } = workspace
  const before = new Set(Object.keys(graphOf(tab.store.document, tab.graph).nodes))
  for (const id of tab.view.state.nodes) tab.apply(unpackComponent(tab.graph, id))
  tab.select(Object.keys(graphOf(tab.store.document, tab.graph).nodes).filter((id) => !before.has(id)))
}

/** The layout program is large and seldom used: it is loaded when it is first asked for. */
export async function arrange(workspace: Workspace): Promise<void> {
  const { tab, canvas } = workspace
  if (!canvas) return
  const chosen = tab.view.state.nodes.size > 1 ? tab.view.state.nodes : undefined
  await workspace.attempt(async () => {
    const { arrangeGraph } = await import('../canvas/auto-layout.js')
    const positions = await arrangeGraph(canvas.scene, chosen)
    tab.apply(placeNodes(tab.graph, positions))
    canvas.fit(chosen)
  })
}

export function openSearch({ page, canvas }: Workspace): void {
  if (!canvas) return
  const { left, top, width, height } = canvas.container.getBoundingClientRect()
  page.set({ popup: { kind: 'search', at: { x: left + width / 2 - 160, y: top + height / 4 } } })
}

export function stepTab({ page }: Workspace, by: number): void {
  const { tabs, active } = page.state
  const index = tabs.findIndex(({ id }) => id === active)
  page.set({ active: tabs[(index + by + tabs.length) % tabs.length]!.id })
}

export function saveAs(workspace: Workspace, tab = workspace.tab): void {
  const { place } = tab
  const name = window.prompt('Name of the workflow', place.state.title)?.trim()
  if (!name) return
  void workspace.save(tab, { name, revision: 0 })
}

export function download({ tab }: Workspace): void {
  const url = URL.createObjectURL(new Blob([tab.store.text], { type: 'application/json' }))
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = `${tab.place.state.title}.json`
  anchor.click()
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}

export function openFile(workspace: Workspace): void {
  const picker = document.createElement('input')
  picker.type = 'file'
  picker.accept = '.json,.png,.csv,application/json,image/png,text/csv'
  picker.multiple = true
  picker.hidden = true
  picker.onchange = () => {
    for (const file of picker.files ?? []) void takeFile(workspace, file)
    picker.remove()
  }
  picker.oncancel = () => picker.remove()
  // In the page while the dialog is open: a field that nobody holds may be collected, and with it what was chosen.
  document.body.append(picker)
  picker.click()
}

/** Far more than workflows and tables of losses have; a model dropped by mistake is not read into the page. */
const mostTextBytes = 32 * 2 ** 20

/** A workflow; a picture that carries one; or any other picture, which becomes a node. Tells of what cannot be read. */
export async function takeFile(workspace: Workspace, file: File, at?: Point): Promise<void> {
  await workspace.attempt(() => takeReadable(workspace, file, at))
}

async function takeReadable(workspace: Workspace, file: File, at?: Point): Promise<void> {
  if (!pictureNames.test(file.name) && !file.type.startsWith('image/')) {
    if (file.size > mostTextBytes) {
      throw new Error(
        `${file.name}: expected a workflow, a picture or a table of losses, got a file of ${file.size} bytes`,
      )
    }
    if (/\.csv$/i.test(file.name)) return workspace.openLosses(file.name, () => file.text())
    const title = file.name.replace(/\.json$/i, '')
    const text = await file.text()
    if (isOurs(text) || !(await importFlow(workspace, file, title))) workspace.openText(text, title)
    return
  }
  const { hasComfyFlow, workflowInPng } = await import('../document/png-workflow.js')
  const bytes = new Uint8Array(await file.arrayBuffer())
  const title = file.name.replace(pictureNames, '')
  const text = workflowInPng(bytes)
  if (text !== undefined) workspace.openText(text, title)
  else if (!hasComfyFlow(bytes) || !(await importFlow(workspace, file, title))) await addPicture(workspace, file, at)
}

/** What is no workflow of ours may be one of ComfyUI; text that is no JSON gets the reader's own words. */
function isOurs(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && Object.hasOwn(value, 'dreamgraph')
  } catch {
    return true
  }
}

/** Opens a flow of ComfyUI and says what became of it; false when it is none, or there is nobody to ask. */
async function importFlow(workspace: Workspace, file: File, title: string): Promise<boolean> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const imported = await workspace.backend.importFlow?.(bytes, title).catch((cause: Error) => {
    workspace.show(`${title}: ${cause.message}`, 'bad')
    return true as const
  })
  if (imported === undefined || imported === true) return imported === true
  workspace.openText(imported.text, title)
  workspace.page.set({ dialog: { imported: title, report: imported.report } })
  return true
}

async function addPicture(workspace: Workspace, file: File, at?: Point): Promise<void> {
  const { tab, canvas, catalogue } = workspace
  const type = catalogue.find('image/load')
  if (!canvas || !type) return
  await workspace.attempt(async () => {
    const upload = await workspace.backend.upload(file)
    const id = freeName('picture', (taken) => Object.hasOwn(graphOf(tab.store.document, tab.graph).nodes, taken))
    const place = at ? canvas.toWorld(at) : canvas.center
    const params = { file: upload.file }
    tab.apply(addNode(tab.graph, { id, type: type.type, version: type.version, at: place, params, title: file.name }))
    tab.select([id])
  })
}
