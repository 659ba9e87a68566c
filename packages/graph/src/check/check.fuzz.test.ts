import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readWorkflow } from '../document/read.js'
import type { JsonValue } from '../json.js'
import { kit } from '../testing/kit.js'
import { check } from './check.js'

describe('check, at random', () => {
  it('[K11] random documents get typed results, never an exception', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'a/b', '')
    const name = fc.constantFrom('value', 'a', 'b', 'items', 'amount', 'label', 'toString', '__proto__', 'count')
    const types = [...kit.nodes.map(({ type }) => type), 'component/k', 'component/m', 'no/such']
    const json = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>
    const mode = fc.constantFrom('mute', 'bypass')
    const node = fc.record(
      {
        type: fc.constantFrom(...types),
        version: fc.integer({ min: 1, max: 4 }),
        params: fc.dictionary(name, json),
        mode,
      },
      { requiredKeys: ['type'] },
    )
    const end = fc.record({ node: id, socket: name })
    const type = fc.constantFrom('int', 'text', 'list<int>', 'box', 'list<list<int>>', 'x')
    const target = fc.oneof(end, fc.record({ node: id, param: name }))
    const graph = {
      nodes: fc.dictionary(id, node, { maxKeys: 6 }),
      links: fc.array(fc.record({ from: end, to: end, order: fc.integer() }, { requiredKeys: ['from', 'to'] }), {
        maxLength: 8,
      }),
      inputs: fc.dictionary(
        name,
        fc.record({ type, to: fc.array(target, { maxLength: 2 }), default: json }, { requiredKeys: ['type', 'to'] }),
        { maxKeys: 3 },
      ),
      outputs: fc.dictionary(name, fc.record({ type, from: end }), { maxKeys: 2 }),
    }
    const components = fc.record({ k: fc.record(graph), m: fc.record(graph) }, { requiredKeys: [] })
    const document = fc.record(
      { dreamgraph: fc.constant(2), ...graph, components },
      { requiredKeys: ['dreamgraph', 'nodes'] },
    )
    fc.assert(
      fc.property(document, fc.dictionary(name, json, { maxKeys: 3 }), (value, inputs) => {
        const result = check(readWorkflow(value as JsonValue), kit, { inputs })
        if (!result.ok) {
          expect(result.errors.length).toBeGreaterThan(0)
          for (const { message, path } of result.errors) expect(message + path).not.toContain('undefined:')
        }
      }),
      { seed: 7, numRuns: 500 },
    )
  })
})
