import { type CatalogueDescription, check, parseWorkflow, type Workflow } from '@dreamgraph/graph'
import { describe, expect, it } from 'vitest'
import { nodeCatalogue } from '../catalogue/catalogue.js'
import { checkableCatalogue } from '../catalogue/checkable.js'
import { DocumentStore } from '../document/document-store.js'
import { fieldOf, placeOf, withoutPlace } from '../document/problem-place.js'
import description from '../server/demo/catalogue.json'
import { fixOf } from './problem-fixes.js'

const catalogue = nodeCatalogue(description as CatalogueDescription)
const checkable = checkableCatalogue(description as CatalogueDescription)

const errorsOf = (workflow: Workflow) => {
  const result = check(workflow, checkable)
  return result.ok ? [] : result.errors
}

/** Opens a workflow, presses every fix that is offered until none is, and gives what is left. */
function mend(document: object) {
  const store = new DocumentStore(parseWorkflow(JSON.stringify({ dreamgraph: 2, links: [], ...document })))
  const labels: string[] = []
  for (let round = 0; round < 10; round++) {
    const fix = errorsOf(store.document)
      .map((problem) => fixOf(problem, store.document, catalogue))
      .find((found) => found !== undefined)
    if (!fix) break
    labels.push(fix.label)
    store.apply(fix.recipe)
  }
  return { labels, left: errorsOf(store.document), document: store.document }
}

describe('fixes', () => {
  it('takes a number to its nearest limit, a name to the one that was meant, a wrong kind to the default', () => {
    const params = { width: 99_999, heigth: 640, seed: 'many' }
    const { labels, left, document } = mend({ nodes: { noise: { type: 'latent/noise', params } } })
    expect(labels.toSorted()).toEqual(['Back to “0”', 'Call it “height”', expect.stringMatching(/^Use \d+$/)])
    expect(left).toEqual([])
    expect(document.nodes.noise?.params).toEqual({ width: expect.any(Number), height: 640 })
  })

  it('mends types of nodes, choices, links that lead nowhere, and values of declared inputs', () => {
    const { left, document } = mend({
      inputs: { steps: { type: 'int', default: 5000, to: [{ node: 'sample', param: 'steps' }] } },
      nodes: {
        load: { type: 'image/lod', params: { file: 'a.png' } },
        encode: { type: 'dreamo/encode-reference', params: { task: 'stile' } },
        sample: { type: 'dreamo/sample' },
      },
      links: [{ from: { node: 'gone', socket: 'image' }, to: { node: 'encode', socket: 'image' } }],
    })
    expect(document.nodes.load?.type).toBe('image/load')
    expect(document.nodes.encode?.params?.task).toBe('style')
    expect(document.inputs?.steps?.default).toBeLessThan(5000)
    // What only links can mend is left, each with the input that it is about.
    expect(new Set(left.map(({ code }) => code))).toEqual(new Set(['check/missing-input']))
    expect(left.map(fieldOf)).toEqual(expect.arrayContaining(['model', 'image', 'conditions', 'noise']))
  })

  it('mends inside a component', () => {
    const { labels, document } = mend({
      nodes: { use: { type: 'component/part' } },
      components: { part: { nodes: { noise: { type: 'latent/noise', params: { width: 99_999 } } }, links: [] } },
    })
    expect(labels).toHaveLength(1)
    expect(document.components?.part?.nodes.noise?.params?.width).toBeLessThan(99_999)
  })
})

it('reads pointers, also those with escaped names', () => {
  expect(placeOf('/nodes/a~1b/params/x~0y')).toEqual({ graph: null, node: 'a/b', param: 'x~y' })
  expect(placeOf('/components/c/links/3/to')).toEqual({ graph: 'c', link: 3 })
  expect(placeOf('/inputs/seed/default')).toEqual({ graph: null, input: 'seed' })
  expect(placeOf('')).toEqual({ graph: null })
  expect(withoutPlace('node a, param b: expected 1, got 2')).toBe('Expected 1, got 2')
})
