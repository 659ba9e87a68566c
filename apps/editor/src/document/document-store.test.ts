import { readdirSync, readFileSync } from 'node:fs'
import { parseWorkflow, sameJson, type Workflow } from '@dreamgraph/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyEdit } from '../testing/edits.js'
import { DocumentStore } from './document-store.js'
import { addNote } from './recipes/frames.js'
import { moveNodes, setTitle } from './recipes/nodes.js'
import { setParam } from './recipes/params.js'

const folder = new URL('../../../../examples/workflows/', import.meta.url)
const examples = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => readFileSync(new URL(file, folder), 'utf8'))

/** Fields that nobody knows, odd spacing and spellings: all must come through. */
const odd = `{ "dreamgraph" : 2, "x-vendor": {"keep": [1e3, 0.10, "ü"]},
  "nodes": { "a": {"type": "value/int", "extra": {"b": 1.50}, "ui": {"x": 1, "y": 2, "pinned": true}},
             "b": {"type": "nobody/knows", "params": {"seed": "11980469406460273604"}} },
  "links": [ {"from": {"node":"a","socket":"value"}, "to": {"node":"b","socket":"in"}, "tag": "mine"} ] }
`

describe('document store', () => {
  it('undo to the start gives the document and its text byte for byte, redo the end again', () => {
    const property = fc.property(
      fc.constantFrom(...examples, odd),
      fc.array(anyEdit, { minLength: 1, maxLength: 16 }),
      (text, edits) => {
        let clock = 0
        const store = new DocumentStore(parseWorkflow(text), () => (clock += 400))
        const start = store.document
        for (const edit of edits) {
          const recipe = edit(store.document)
          if (recipe) store.apply(recipe)
        }
        const end = store.document
        const endText = store.text
        expect(sameJson(parseWorkflow(endText).document, JSON.parse(JSON.stringify(end)))).toBe(true)
        while (store.state.undo !== undefined) store.undo()
        expect(sameJson(store.document, start)).toBe(true)
        expect(store.text).toBe(text)
        expect(store.state.isChanged).toBe(false)
        while (store.state.redo !== undefined) store.redo()
        expect(sameJson(store.document, end)).toBe(true)
        expect(sameJson(JSON.parse(store.text), JSON.parse(endText))).toBe(true)
      },
    )
    fc.assert(property, { numRuns: 200, seed: 20261125 })
  }, 300_000)

  it('a gesture that comes back to where it began takes no step of another with it', () => {
    const store = new DocumentStore(parseWorkflow(odd), () => 0)
    store.apply(setTitle(null, 'b', 'Mystery'))
    const drag = (x: number) => store.apply(moveNodes(null, new Map([['a', { x, y: 2 }]]), 'drag'))
    for (const x of [11, 1, 11, 1, 1, 21]) drag(x)
    expect(store.history.map(({ name }) => name)).toEqual(['Rename node', 'Move node'])
    for (const x of [1, 1]) drag(x)
    expect(store.history.map(({ name }) => name)).toEqual(['Rename node'])
    expect(store.state.isChanged).toBe(true)
    store.undo()
    expect(store.text).toBe(odd)
    expect(store.state.isChanged).toBe(false)
  })

  it('an edit changes only its own bytes', () => {
    const store = DocumentStore.fromText(odd)
    store.apply(setTitle(null, 'b', 'Mystery'))
    const { text } = store
    const at = text.indexOf('"title"')
    expect(at).toBeGreaterThan(0)
    expect(text.replace(/, "title": "Mystery"/, '')).toBe(odd)
    expect(text).toContain('[1e3, 0.10, "ü"]')
  })

  it('typing is one step of the history, and a pause begins another', () => {
    let clock = 0
    const store = new DocumentStore(parseWorkflow(odd), () => clock)
    for (const word of ['c', 'ca', 'cat']) {
      clock += 100
      store.apply(setParam(null, { node: 'a', param: 'value' }, word))
    }
    expect(store.history).toHaveLength(1)
    clock += 5000
    store.apply(setParam(null, { node: 'a', param: 'value' }, 'cats'))
    expect(store.history).toHaveLength(2)
    store.undo()
    expect(paramOf(store.document)).toBe('cat')
    store.undo()
    expect(store.text).toBe(odd)
  })

  it('goes to any step of the history', () => {
    const store = DocumentStore.fromText(odd)
    for (const title of ['One', 'Two', 'Three']) {
      store.apply(setTitle(null, 'a', title))
      store.endMerge()
    }
    store.goTo(1)
    expect(store.document.nodes.a?.title).toBe('One')
    store.goTo(3)
    expect(store.document.nodes.a?.title).toBe('Three')
    store.goTo(0)
    expect(store.text).toBe(odd)
  })

  it('a drag that ends where it began leaves no step', () => {
    const store = DocumentStore.fromText(odd)
    store.apply(moveNodes(null, new Map([['a', { x: 50, y: 50 }]]), 'drag'))
    store.apply(moveNodes(null, new Map([['a', { x: 1, y: 2 }]]), 'drag'))
    expect(store.history).toHaveLength(0)
    expect(store.text).toBe(odd)
  })

  it('knows whether it differs from what was saved, also across undo', () => {
    const store = DocumentStore.fromText(odd)
    store.apply(setTitle(null, 'a', 'One'))
    store.markSaved(store.history.at(-1))
    expect(store.state.isChanged).toBe(false)
    store.apply(setTitle(null, 'a', 'Two'))
    expect(store.state.isChanged).toBe(true)
    store.undo()
    expect(store.state.isChanged).toBe(false)
    store.undo()
    expect(store.state.isChanged).toBe(true)
    store.apply(setTitle(null, 'a', 'Three'))
    expect(store.state.isChanged).toBe(true)
  })

  it('counts as changed what was edited while it was being saved', () => {
    const store = DocumentStore.fromText(odd)
    store.apply(setTitle(null, 'a', 'One'))
    store.endMerge()
    const sent = store.history.at(-1)
    store.apply(setTitle(null, 'a', 'Two'))
    store.markSaved(sent)
    expect(store.state.isChanged).toBe(true)
    store.undo()
    expect(store.state.isChanged).toBe(false)
  })

  it('comes back from what was kept of it with its history, its saved place and its own bytes', () => {
    const store = DocumentStore.fromText(odd)
    store.apply(setTitle(null, 'a', 'One'))
    store.markSaved(store.history.at(-1))
    store.apply(setTitle(null, 'a', 'Two'))
    store.apply(setTitle(null, 'a', 'Three'))
    store.undo()
    const kept = JSON.parse(JSON.stringify(store.keep()))
    const back = DocumentStore.restore(kept)
    expect(back.state).toEqual(store.state)
    expect(back.text).toBe(store.text)
    back.redo()
    expect(back.document.nodes.a?.title).toBe('Three')
    back.goTo(1)
    expect(back.state.isChanged).toBe(false)
    back.undo()
    expect(back.text).toBe(odd)

    const fresh = DocumentStore.empty('new')
    const before = fresh.text
    fresh.apply(addNote(null, { x: 0, y: 0 }, 'first'))
    const again = DocumentStore.restore(JSON.parse(JSON.stringify(fresh.keep())))
    expect(again.state.isChanged).toBe(true)
    again.undo()
    expect(again.text).toBe(before)
  })
})

const paramOf = (document: Workflow): unknown => document.nodes.a?.params?.value
