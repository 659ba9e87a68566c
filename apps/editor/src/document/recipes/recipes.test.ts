import { readFileSync } from 'node:fs'
import { type CatalogueDescription, check, parseWorkflow, type Workflow } from '@dreamgraph/graph'
import { describe, expect, it } from 'vitest'
import { nodeCatalogue, typeName } from '../../catalogue/catalogue.js'
import { checkableCatalogue } from '../../catalogue/checkable.js'
import { faceOf, goalOf, outputOf } from '../../catalogue/face.js'
import description from '../../server/demo/catalogue.json'
import { DocumentStore } from '../document-store.js'
import { aligned } from './arrange.js'
import { copyFragment, paste, pastedIds, printFragment, readFragment } from './clipboard.js'
import { makeComponent, unpackComponent } from './components.js'
import { addGroup, addNote } from './frames.js'
import { declareInput, removeInput } from './interface.js'
import { connect } from './links.js'
import { moveNodes, removeNodes } from './nodes.js'
import { setParam } from './params.js'

const path = new URL('../../../../../examples/workflows/two-subjects.json', import.meta.url)
const open = (): DocumentStore => new DocumentStore(parseWorkflow(readFileSync(path, 'utf8')))
const catalogue = nodeCatalogue(description as CatalogueDescription)
const checkable = checkableCatalogue(description as CatalogueDescription)

/** Types of the flat plan and what feeds each: what a run would do, whatever the nodes are called. */
function plan(workflow: Workflow): unknown {
  const result = check(workflow, checkable, { inputs: { model: 'mini' } })
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('\n'))
  const nodes = result.plan.nodes
  const name = (index: number, output: string): string =>
    index < 0 ? `given ${output}` : `${nodes[index]!.node.type}.${output}`
  return nodes
    .map(({ node, params, inputs }) => ({
      type: node.type,
      params: JSON.stringify(params, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
      inputs: inputs
        .map((input) => [input.name, input.sources.map((source) => name(source.node, source.output))])
        .sort(),
    }))
    .map((entry) => JSON.stringify(entry))
    .sort()
}

describe('recipes', () => {
  it('a component computes what its nodes did, and so do they when it is unpacked', () => {
    const store = open()
    const before = plan(store.document)
    const face = (node: string) => faceOf(store.document, null, node, catalogue)
    const ids = Object.keys(store.document.nodes).filter((id) => /reference|prompt|conditions/.test(id))
    store.apply(
      makeComponent(null, ids, {
        name: 'painting',
        id: 'painting',
        outputType: ({ node, socket }) => typeName(outputOf(face(node), socket)!),
        inputType: ({ node, socket }) => {
          const goal = goalOf(face(node), socket)!
          return { type: typeName(goal), kind: goal.kind }
        },
      }),
    )
    expect(Object.keys(store.document.components!)).toEqual(['painting'])
    expect(plan(store.document)).toEqual(before)
    store.apply(unpackComponent(null, 'painting'))
    expect(store.document.components).toBeUndefined()
    expect(plan(store.document)).toEqual(before)
  })

  it('a link into a taken single input replaces the old one, and frees it from a declared input', () => {
    const store = open()
    store.apply(
      connect(null, { from: { node: 'x', socket: 'value' }, to: { node: 'noise', socket: 'width' }, many: false }),
    )
    expect(store.document.inputs?.width).toBeUndefined()
    expect(store.document.links?.filter(({ to }) => to.node === 'noise' && to.socket === 'width')).toHaveLength(1)
  })

  it('a param that is an input of the workflow is edited there', () => {
    const store = open()
    const node = store.document.inputs!.prompt!.to[0]!.node
    store.apply(setParam(null, { node, param: 'text' }, 'a dog'))
    expect(store.document.inputs!.prompt!.default).toBe('a dog')
    expect(store.document.nodes[node]!.params?.text).toBeUndefined()
    store.apply(removeInput(null, 'prompt'))
    expect(store.document.nodes[node]!.params?.text).toBe('a dog')
  })

  it('declaring an input twice gives two names', () => {
    const store = open()
    const to = (socket: string) => ({ node: 'sample', socket, kind: 'param' as const })
    store.apply(declareInput(null, { name: 'amount', type: 'float', to: to('guidance') }))
    store.apply(declareInput(null, { name: 'amount', type: 'float', to: to('trueCfg') }))
    expect(Object.keys(store.document.inputs!)).toEqual(expect.arrayContaining(['amount', 'amount-2']))
  })

  it('removing nodes leaves no link, input or output that names them', () => {
    const store = open()
    const ids = Object.keys(store.document.nodes).filter((_, index) => index % 2 === 0)
    store.apply(removeNodes(null, ids))
    const text = JSON.stringify({ ...store.document, nodes: undefined, notes: undefined })
    for (const id of ids) expect(text).not.toContain(`"node":"${id}"`)
  })

  it('a copy travels as text, keeps links from outside, and gets ids of its own', () => {
    const store = open()
    const fragment = readFragment(printFragment(copyFragment(store.document, ['sample', 'decode'])))!
    const ids = pastedIds(store.document, fragment)
    store.apply(paste(null, fragment, { ids, by: { x: 40, y: 40 } }))
    expect([...ids.values()]).toEqual(['sample-2', 'decode-2'])
    const into = (id: string) => store.document.links!.filter(({ to }) => to.node === id).length
    expect(into('sample-2')).toBe(into('sample'))
    expect(store.document.links).toContainEqual(
      expect.objectContaining({
        from: { node: 'sample-2', socket: 'latent' },
        to: { node: 'decode-2', socket: 'latent' },
      }),
    )
    expect(readFragment('{"nodes": {}}')).toBeUndefined()
    expect(readFragment('no JSON')).toBeUndefined()
  })

  it('a copy brings its components, under new names where others have theirs, and no strangers’ links', () => {
    const store = open()
    const spec = (name: string) => ({
      ...{ name, id: name },
      outputType: () => 'latent',
      inputType: () => ({ type: 'latent', kind: 'input' as const }),
    })
    store.apply(makeComponent(null, ['decode'], spec('inner')))
    store.apply(makeComponent(null, ['inner'], spec('outer')))
    const { components } = store.document
    const copied = copyFragment(store.document, ['outer'], { components, source: 'here' })
    const fragment = readFragment(printFragment(copied))!
    expect(Object.keys(fragment.components!)).toEqual(['outer', 'inner'])

    const pasteInto = (target: DocumentStore, source: string) => {
      const ids = pastedIds(target.document, fragment)
      target.apply(paste(null, fragment, { ids, by: { x: 0, y: 0 }, source }))
      return target.document
    }
    expect(pasteInto(DocumentStore.empty('a'), 'there').components).toEqual(components)

    const own = open()
    own.apply(makeComponent(null, ['noise'], spec('inner')))
    const before = own.document.components!.inner
    const pasted = pasteInto(own, 'there')
    expect(pasted.components!.inner).toBe(before)
    expect(Object.keys(pasted.components!)).toEqual(['inner', 'outer-2', 'inner-2'])
    expect(pasted.nodes.outer!.type).toBe('component/outer-2')
    expect(Object.values(pasted.components!['outer-2']!.nodes).map(({ type }) => type)).toEqual(['component/inner-2'])
    expect(pasted.links!.filter(({ to }) => to.node === 'outer')).toEqual([])

    const again = pasteInto(store, 'here')
    expect(again.components).toEqual(components)
    expect(again.links!.filter(({ to }) => to.node === 'outer-2').length).toBeGreaterThan(0)
  })

  it('unpacking a component keeps its notes and groups, where the nodes go', () => {
    const store = open()
    store.apply(
      makeComponent(null, ['decode'], {
        ...{ name: 'inner', id: 'inner', outputType: () => 'image' },
        inputType: () => ({ type: 'latent', kind: 'input' as const }),
      }),
    )
    const { x = 0, y = 0 } = store.document.components!.inner!.nodes.decode!.ui!
    store.apply(addNote('inner', { x: x + 5, y: y + 7 }, 'keep me'))
    store.apply(addGroup('inner', { x: x - 20, y: y - 40, w: 300, h: 200 }, 'keep us'))
    store.apply(moveNodes(null, new Map([['inner', { x: 1000, y: 2000 }]])))
    store.apply(unpackComponent(null, 'inner'))
    expect(store.document.nodes.decode!.ui).toMatchObject({ x: 1000, y: 2000 })
    expect(store.document.notes!.at(-1)).toMatchObject({ text: 'keep me', x: 1005, y: 2007 })
    expect(store.document.groups!.at(-1)).toMatchObject({ title: 'keep us', x: 980, y: 1960 })
  })

  it('aligns and spaces boxes', () => {
    const boxes = new Map([
      ['a', { x: 0, y: 0, w: 100, h: 50 }],
      ['b', { x: 150, y: 40, w: 100, h: 50 }],
      ['c', { x: 400, y: 10, w: 100, h: 50 }],
    ])
    expect([...aligned(boxes, 'top').values()].map(({ y }) => y)).toEqual([0, 0, 0])
    expect(aligned(boxes, 'columns').get('b')!.x).toBe(200)
  })
})
