/** Random gestures for tests: each picks its victims by numbers, so that it fits whatever document it meets. */
import type { CatalogueDescription, Workflow } from '@dreamgraph/graph'
import fc from 'fast-check'
import { nodeCatalogue } from '../catalogue/catalogue.js'
import type { Recipe } from '../document/document-store.js'
import { type Graph, type GraphName, graphOf, nodePosition } from '../document/graph.js'
import { align } from '../document/recipes/arrange.js'
import { addSeedBatch } from '../document/recipes/batch.js'
import { copyFragment, paste, pastedIds } from '../document/recipes/clipboard.js'
import { makeComponent, unpackComponent } from '../document/recipes/components.js'
import { addGroup, addNote, moveGroup, removeFrame, setFrame } from '../document/recipes/frames.js'
import {
  declareInput,
  declareOutput,
  removeInput,
  renameInput,
  setDescription,
  setInputDefault,
  setInterfaceWords,
} from '../document/recipes/interface.js'
import { connect, disconnect, moveLink, setWaypoints } from '../document/recipes/links.js'
import * as nodes from '../document/recipes/nodes.js'
import { setParam } from '../document/recipes/params.js'
import { renameParam, setNodeType } from '../document/recipes/repairs.js'
import { renewSeeds, setSeedControl } from '../document/recipes/seeds.js'
import { setReferencePicture } from '../dreamo/set-reference-picture.js'
import description from '../server/demo/catalogue.json'

const catalogue = nodeCatalogue(description as CatalogueDescription)

/** An edit of any document; undefined where there is nothing that it could change. */
export type Edit = (workflow: Workflow) => Recipe | undefined

const number = fc.nat(1000)
const value = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant('11980469406460273604'), fc.double())
const point = fc.record({ x: fc.integer({ min: -5000, max: 5000 }), y: fc.integer({ min: -5000, max: 5000 }) })

const pick = <T>(items: readonly T[], at: number): T | undefined => items[at % Math.max(items.length, 1)]
const idsOf = (graph: Graph): string[] => Object.keys(graph.nodes)
const subset = (graph: Graph, a: number, b: number): string[] => {
  const ids = idsOf(graph)
  const start = a % Math.max(ids.length, 1)
  return ids.slice(start, start + 1 + (b % 4))
}
const end = (graph: Graph, at: number, socket: number) => ({
  node: pick(idsOf(graph), at) ?? 'none',
  socket: pick(['image', 'model', 'latent', 'seed', 'text'], socket)!,
})

type Make = (given: {
  readonly graph: Graph
  readonly name: GraphName
  readonly numbers: readonly [number, number, number, number]
  readonly value: string | number | boolean
  readonly at: { readonly x: number; readonly y: number }
}) => Recipe | undefined

const makers: readonly Make[] = [
  ({ name, numbers: [a], at }) => nodes.addNode(name, { id: `new-${a}`, type: 'value/int', version: 1, at }),
  ({ graph, name, numbers: [a, b] }) => nodes.removeNodes(name, subset(graph, a, b)),
  ({ graph, name, numbers: [a, b], at }) =>
    nodes.moveNodes(name, new Map(subset(graph, a, b).map((id) => [id, at])), pick(['drag', undefined], b)),
  ({ graph, name, numbers: [a], value }) => nodes.setTitle(name, pick(idsOf(graph), a) ?? '', `${value}`),
  ({ graph, name, numbers: [a, b] }) =>
    nodes.setMode(name, subset(graph, a, b), pick(['mute', 'bypass', undefined] as const, b)),
  ({ graph, name, numbers: [a, b] }) => nodes.setNodeColor(name, subset(graph, a, b), pick(['#ff0000', undefined], b)),
  ({ graph, name, numbers: [a, b] }) => nodes.setCollapsed(name, subset(graph, a, b), b % 2 === 0),
  ({ graph, name, numbers: [a, b] }) =>
    nodes.resizeNode(name, pick(idsOf(graph), a) ?? '', { w: 100 + b }, `resize/${a}`),
  ({ graph, name, numbers: [a, b, c, d] }) =>
    connect(name, { from: end(graph, a, b), to: end(graph, c, d), many: d % 2 === 0 }),
  ({ graph, name, numbers: [a, b] }) => disconnect(name, (graph.links ?? []).slice(a % 20, (a % 20) + (b % 3))),
  ({ graph, name, numbers: [a, b, c] }) => {
    const link = pick(graph.links ?? [], a)
    return link && moveLink(name, link, { from: link.from, to: end(graph, b, c), many: false })
  },
  ({ graph, name, numbers: [a, b], at }) => {
    const link = pick(graph.links ?? [], a)
    return link && setWaypoints(name, link, b % 2 === 0 ? [at] : [])
  },
  ({ graph, name, numbers: [a, b], value }) =>
    setParam(
      name,
      { node: pick(idsOf(graph), a) ?? '', param: pick(['text', 'seed', 'width', 'model'], b)! },
      b % 5 === 0 ? undefined : value,
    ),
  ({ name, at }) => addGroup(name, { ...at, w: 300, h: 200 }),
  ({ name, at, value }) => addNote(name, at, `${value}`),
  ({ name, numbers: [a], value }) => setFrame(name, 'notes', a % 3, { text: `${value}` }),
  ({ graph, name, numbers: [a, b], at }) =>
    moveGroup(name, a % 3, { to: at, nodes: subset(graph, a, b), key: 'group' }),
  ({ name, numbers: [a, b] }) => removeFrame(name, pick(['groups', 'notes'] as const, a)!, b % 3),
  ({ graph, name, numbers: [a, b], value }) =>
    declareInput(name, {
      name: `in-${b % 5}`,
      type: 'text',
      to: { ...end(graph, a, b), kind: 'param' },
      default: value,
    }),
  ({ graph, name, numbers: [a] }) => removeInput(name, pick(Object.keys(graph.inputs ?? {}), a) ?? ''),
  ({ graph, name, numbers: [a], value }) =>
    setInputDefault(name, pick(Object.keys(graph.inputs ?? {}), a) ?? '', value),
  ({ graph, name, numbers: [a, b] }) => declareOutput(name, `out-${b % 4}`, 'image', end(graph, a, b)),
  ({ graph, name, numbers: [a, b] }) => {
    const fragment = copyFragment(graph, subset(graph, a, b))
    return paste(name, fragment, { ids: pastedIds(graph, fragment), by: { x: 40, y: 40 } })
  },
  ({ graph, name, numbers: [a, b, c] }) => {
    const boxes = new Map(
      subset(graph, a, b).map((id) => [id, { ...nodePosition(graph.nodes[id]!), w: 100 + c, h: 50 }] as const),
    )
    return boxes.size === 0 ? undefined : align(name, boxes, pick(['left', 'middle', 'columns'] as const, c)!)
  },
  ({ graph, name, numbers: [a, b] }) => {
    const id = pick(idsOf(graph), a) ?? ''
    const params = Object.keys(graph.nodes[id]?.params ?? {})
    return renameParam(name, id, pick(params, b) ?? '', pick(['text', 'seed', 'renamed'], b)!)
  },
  ({ graph, name, numbers: [a, b] }) =>
    setNodeType(name, pick(idsOf(graph), a) ?? '', pick(['image/load', 'value/seed'], b)!),
  ({ graph, name, numbers: [a, b] }) =>
    setSeedControl(name, pick(idsOf(graph), a) ?? '', 'seed', pick(['fixed', 'random', 'step'] as const, b)!),
  ({ graph, name, numbers: [a, b], value }) => {
    const list = pick(['inputs', 'outputs'] as const, b)!
    const key = pick(Object.keys(graph[list] ?? {}), a) ?? ''
    return setInterfaceWords(name, { list, name: key }, pick([{ title: `${value}` }, { description: '' }], a)!)
  },
  ({ name, numbers: [a], value }) => setDescription(name, a % 4 === 0 ? '' : `${value}`),
  ({ graph, numbers: [a, b] }) => renameInput(pick(Object.keys(graph.inputs ?? {}), a) ?? '', `renamed-${b % 4}`),
  ({ graph, name, numbers: [a, b] }) =>
    addSeedBatch(name, { node: pick(idsOf(graph), a) ?? '', socket: 'seed' }, 1 + (b % 9)),
  ({ graph, name, numbers: [a, b] }) => {
    const encoders = idsOf(graph).filter((id) => graph.nodes[id]!.type === 'dreamo/encode-reference')
    const node = pick(encoders, a)
    return node === undefined
      ? undefined
      : setReferencePicture(name, graph, catalogue, { node, file: `picture-${b}.png` })
  },
  ({ numbers: [a] }) => renewSeeds((seed) => `${(seed.length + a) % 97}`),
]

/** One random edit, of the workflow or of a component in it. */
export const anyEdit: fc.Arbitrary<Edit> = fc
  .record({
    which: fc.nat(makers.length + 1),
    numbers: fc.tuple(number, number, number, number),
    value,
    at: point,
    inside: fc.nat(5),
  })
  .map(({ which, numbers, value, at, inside }) => (workflow) => {
    const names = Object.keys(workflow.components ?? {})
    const name = inside === 0 ? (pick(names, numbers[3]) ?? null) : null
    const graph = graphOf(workflow, name)
    const make = makers[which]
    if (make) return make({ graph, name, numbers, value, at })
    if (which === makers.length) {
      const ids = subset(graph, numbers[0], numbers[1])
      const free = `part-${numbers[2]}`
      if (ids.length === 0 || workflow.components?.[free] || graph.nodes[free]) return undefined
      const outputType = () => 'image'
      const inputType = () => ({ type: 'image', kind: 'input' as const })
      return makeComponent(name, ids, { name: free, id: free, outputType, inputType })
    }
    const used = idsOf(graph).find((id) => graph.nodes[id]!.type.startsWith('component/'))
    return used === undefined ? undefined : unpackComponent(name, used)
  })
