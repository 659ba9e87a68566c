import { type CatalogueDescription, readWorkflow } from '@dreamgraph/graph'
import { describe, expect, it } from 'vitest'
import { nodeCatalogue } from '../catalogue/catalogue.js'
import description from '../server/demo/catalogue.json'
import { bigWorkflow } from '../testing/big-workflow.js'
import { curveDistance, curvePieces, curvePoint } from './curve.js'
import { Scene } from './scene.js'

const catalogue = nodeCatalogue(description as CatalogueDescription)
const none = new Set<string>()
const workflow = readWorkflow({
  dreamgraph: 2,
  nodes: {
    a: { type: 'image/load', ui: { x: 0, y: 0 } },
    b: { type: 'image/resize', ui: { x: 400, y: 0 } },
    c: { type: 'image/resize', ui: { x: 400, y: 10, collapsed: true } },
  },
  links: [{ from: { node: 'a', socket: 'image' }, to: { node: 'b', socket: 'image' } }],
  groups: [{ title: 'All', x: -20, y: -60, w: 700, h: 400 }],
})

describe('scene', () => {
  const scene = new Scene()
  scene.update(workflow, null, catalogue, none)

  it('finds nodes, the topmost first, links and title bars of groups', () => {
    expect(scene.nodeAt({ x: 10, y: 10 })?.id).toBe('a')
    expect(scene.nodeAt({ x: 410, y: 15 })?.id).toBe('c')
    const link = scene.links[0]!
    expect(scene.linkAt(curvePoint(link.pieces[0]!, 0.5), 3)?.link).toBe(link)
    expect(scene.linkAt({ x: 300, y: 300 }, 3)).toBeUndefined()
    expect(scene.groupAt({ x: 100, y: -50 })?.title).toBe('All')
  })

  it('a picture makes a node taller, collapsing shorter', () => {
    const plain = scene.nodes.get('a')!.h
    const other = new Scene()
    other.update(workflow, null, catalogue, new Set(['a']))
    expect(other.nodes.get('a')!.h).toBeGreaterThan(plain + 100)
    expect(scene.nodes.get('c')!.h).toBeLessThan(50)
  })

  it('lays out anew only what has changed', () => {
    const big = new Scene()
    const document = bigWorkflow({ nodes: 200, links: 300 })
    big.update(document, null, catalogue, none)
    const before = new Map(big.nodes)
    const node = { ...document.nodes['node-7']!, ui: { x: 5, y: 5 } }
    big.update({ ...document, nodes: { ...document.nodes, 'node-7': node } }, null, catalogue, none)
    const changed = [...big.nodes].filter(([id, box]) => before.get(id) !== box).map(([id]) => id)
    expect(changed).toEqual(['node-7'])
    expect(big.links).toHaveLength(300)
  })
})

describe('curves', () => {
  it('go through their waypoints', () => {
    const pieces = curvePieces({ x: 0, y: 0 }, { x: 400, y: 0 }, [{ x: 200, y: 300 }])
    expect(pieces).toHaveLength(2)
    expect(curveDistance(pieces, { x: 200, y: 300 }).distance).toBeLessThan(1)
    expect(curveDistance(pieces, { x: 390, y: 5 }).piece).toBe(1)
  })
})
