import { describe, expect, it } from 'vitest'
import { catalogue } from '../catalogue.js'
import { parseWorkflow } from '../document/read.js'
import { defineNode } from '../node.js'
import { kit } from '../testing/kit.js'
import { upgradeWorkflow } from './upgrade.js'

const upgrade = (text: string): string => upgradeWorkflow(parseWorkflow(text), kit)

describe('upgrade', () => {
  it('[M4] schema, node versions, params and former type names become the newest; every other byte stays', () => {
    const old = `{ "dreamgraph": 1,
  "x-mine": [1.0, 2e0],
  "nodes": {
    "a": {"type": "math/plus",   "params": {"amount": 1}},
    "c": {"type": "text/spell", "version": 1, "params": {"remark": "hi", "style": "fancy"}, "ui": {"x": 0.0}},
    "u": {"type": "no/such", "version": 1, "params": {"n": 1e3}}
  },
  "links": [{"from": "a.value", "to": "c.value"}]
}
`
    const text = upgrade(old)
    expect(text).toMatchInlineSnapshot(`
      "{ "dreamgraph": 2,
        "x-mine": [1.0, 2e0],
        "nodes": {
          "a": {"type": "math/add",   "params": {"amount": 1}},
          "c": {"type": "text/spell", "version": 3, "params": { "style": "quoted", "note": "hi"}, "ui": {"x": 0.0}},
          "u": {"type": "no/such", "version": 1, "params": {"n": 1e3}}
        },
        "links": [{"from": {"node": "a", "socket": "value"}, "to": {"node": "c", "socket": "value"}}]
      }
      "
    `)
    expect(parseWorkflow(text).version).toBe(2)
    expect(upgrade(text)).toBe(text)
  })

  it('[M4] a document that is new already, or newer in its nodes, keeps its text', () => {
    for (const text of [
      '{"dreamgraph":2,"nodes":{ "a":{"type":"math/add"} } }',
      '{"dreamgraph":2,"nodes":{ "c":{"type":"text/spell","version":99,"params":{"remark":1}} } }',
      '{"dreamgraph":2,"nodes":{}, "components":{"k":{"nodes":{ "a":{"type":"math/add","version":1} }}}}',
    ]) {
      expect(upgrade(text)).toBe(text)
    }
  })

  it('[M4] nodes of components are upgraded too', () => {
    const text = upgrade('{"dreamgraph":2,"nodes":{},"components":{"k":{"nodes":{"a":{"type":"math/plus"}}}}}')
    expect(text).toBe('{"dreamgraph":2,"nodes":{},"components":{"k":{"nodes":{"a":{"type":"math/add"}}}}}')
  })

  it('[M4] a migration that throws is an error that names the node', () => {
    const fragile = defineNode({
      type: 'bad/migrate',
      version: 2,
      title: 'Fragile',
      migrate: {
        1: () => {
          throw new Error('no such preset')
        },
      },
      run: () => ({}),
    })
    const loaded = parseWorkflow('{"dreamgraph":2,"nodes":{"f":{"type":"bad/migrate","version":1,"params":{}}}}')
    expect(() => upgradeWorkflow(loaded, catalogue([fragile]))).toThrow(
      'node f: expected params that can be migrated from version 1 to 2, got "no such preset"',
    )
  })
})
