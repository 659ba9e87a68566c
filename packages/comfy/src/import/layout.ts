/** Places for our nodes: where ComfyUI's stood, or in columns from left to right. */
import type { Workflow } from '@dreamgraph/graph'
import type { ComfyUiFile } from '../ui-file.js'
import type { Draft } from './draft.js'

interface Place {
  readonly x: number
  readonly y: number
}

/** Steps between nodes, in the pixels of our editor. */
const columnWidth = 280
const rowHeight = 180

/** Nodes below each other in the place of one; more would run into what stands below. */
const mostInAStack = 3

/** Where each node goes: as in the workflow file if it has a place for every node, and not one for very many. */
export function placeNodes(draft: Draft, file: ComfyUiFile | undefined): Map<string, Place> {
  return (file && asInFile(draft, file)) ?? inColumns(draft)
}

/** Several of ours that do the work of one of theirs stand below each other. */
function asInFile(draft: Draft, file: ComfyUiFile): Map<string, Place> | undefined {
  const taken = new Map<string, number>()
  const places = new Map<string, Place>()
  for (const [id, origin] of Object.entries(draft.origins())) {
    const [outer] = origin.split(':') // what is in a subgraph stands where the subgraph does
    const pos = file.nodes.get(outer!)?.pos
    if (!pos) return undefined
    const count = taken.get(outer!) ?? 0
    if (count === mostInAStack) return undefined
    taken.set(outer!, count + 1)
    places.set(id, { x: Math.round(pos[0]), y: Math.round(pos[1]) + count * rowHeight })
  }
  return places
}

function inColumns(draft: Draft): Map<string, Place> {
  const sources = new Map<string, string[]>()
  for (const { from, to } of draft.links) sources.set(to.node, [...(sources.get(to.node) ?? []), from.node])
  const columns = new Map<string, number>()
  // Nodes are added after what feeds them, except that a reference gets its model later: two rounds settle that.
  for (let round = 0; round < 2; round++) {
    for (const id of draft.nodeIds) {
      columns.set(id, Math.max(0, ...(sources.get(id) ?? []).map((source) => 1 + (columns.get(source) ?? 0))))
    }
  }
  const rows = new Map<number, number>()
  return new Map(
    [...columns].map(([id, column]) => {
      const row = rows.get(column) ?? 0
      rows.set(column, row + 1)
      return [id, { x: column * columnWidth, y: row * rowHeight }]
    }),
  )
}

/** Notes and frames of a workflow file. */
export function remarksOf(file: ComfyUiFile): Pick<Workflow, 'notes' | 'groups'> {
  const notes = [...file.nodes.values()].flatMap(({ type, pos, widgets_values: values }) => {
    const [text] = Array.isArray(values) ? values : []
    if ((type !== 'Note' && type !== 'MarkdownNote') || typeof text !== 'string') return []
    return [{ text, x: Math.round(pos?.[0] ?? 0), y: Math.round(pos?.[1] ?? 0) }]
  })
  const groups = file.groups.map(({ title, bounding, color }) => {
    const [x, y, w, h] = bounding.map(Math.round) as [number, number, number, number]
    return { title, x, y, w, h, ...(color !== undefined && { color }) }
  })
  return { ...(notes.length > 0 && { notes }), ...(groups.length > 0 && { groups }) }
}
