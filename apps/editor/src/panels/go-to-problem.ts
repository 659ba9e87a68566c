/** From a problem to the one field that it is about, through components if need be. */
import type { Workspace } from '../app/workspace.js'
import { componentOf, findGraph } from '../document/graph.js'
import { placeOf } from '../document/problem-place.js'

export interface Trouble {
  /** Node as runs name it, `outer/inner`. */
  readonly node?: string
  readonly path?: string
  readonly field?: string
}

export function goToProblem(workspace: Workspace, { node, path = '', field }: Trouble): void {
  const { tab, page } = workspace
  const place = placeOf(path)
  if (place.input !== undefined && place.graph === null) {
    if (tab.view.state.trail.length > 0) tab.leaveComponent(0)
    tab.clearSelection()
    page.set({ right: 'details' })
    focusSoon(`[data-input="${CSS.escape(place.input)}"]`)
    return
  }
  const owner = node ?? place.node
  if (owner === undefined) return
  const parts = owner.split('/')
  const id = parts.pop()!
  openAlong(workspace, parts)
  tab.select([id])
  if (field === undefined) {
    workspace.canvas?.reveal(id)
    return
  }
  page.set({ right: 'details' })
  workspace.canvas?.reveal(id)
  focusSoon(`.details [data-field="${CSS.escape(field)}"]`)
}

/** Opens the components in which a node stands, unless they are open. */
function openAlong({ tab }: Workspace, uses: readonly string[]): void {
  const open = tab.view.state.trail.map(({ node }) => node)
  if (open.length === uses.length && uses.every((use, index) => use === open[index])) return
  if (open.length > 0) tab.leaveComponent(0)
  for (const use of uses) {
    const name = componentOf(findGraph(tab.store.document, tab.graph)?.nodes[use]?.type ?? '')
    if (name === undefined) return
    tab.openComponent(name, use)
  }
}

const patienceFrames = 20

/** Focuses what can be typed into, or else pressed, as soon as it is on the page. */
function focusSoon(selector: string, frames = patienceFrames): void {
  requestAnimationFrame(() => {
    const line = document.querySelector<HTMLElement>(selector)
    if (!line) {
      if (frames > 0) focusSoon(selector, frames - 1)
      return
    }
    line.scrollIntoView({ block: 'nearest' })
    const field = line.querySelector<HTMLElement>('input:not([hidden]), textarea, select, [role=switch]')
    ;(field ?? line.querySelector<HTMLElement>('button'))?.focus()
  })
}
