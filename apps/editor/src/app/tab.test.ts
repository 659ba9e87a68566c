import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { makeComponent } from '../document/recipes/components.js'
import { addNode } from '../document/recipes/nodes.js'
import { Tab } from './tab.js'

const text = readFileSync(new URL('../../../../examples/workflows/two-subjects.json', import.meta.url), 'utf8')
const spec = (name: string) => ({
  name,
  id: name,
  outputType: () => 'json',
  inputType: () => ({ type: 'json', kind: 'input' as const }),
})

describe('tab', () => {
  it('leaves a component that an undo takes away, to the nearest graph that is left', () => {
    const tab = Tab.fromText(text, { title: 'a' })
    tab.apply(makeComponent(null, ['sample'], spec('outer')))
    tab.openComponent('outer', 'outer')
    tab.apply(makeComponent('outer', ['sample'], spec('inner')))
    tab.openComponent('inner', 'inner')
    tab.store.undo()
    expect(tab.graph).toBe('outer')
    expect(tab.view.state.trail).toEqual([{ graph: null, node: 'outer' }])
    tab.store.redo()
    tab.openComponent('inner', 'inner')
    tab.store.goTo(0)
    expect(tab.view.state).toMatchObject({ graph: null, trail: [] })
    tab.apply(addNode(tab.graph, { id: 'more', type: 'value/int', version: 1, at: { x: 0, y: 0 } }))
    expect(tab.store.document.nodes).toHaveProperty('more')
  })
})
