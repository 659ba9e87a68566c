import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readWorkflow } from '../document/read.js'
import type { Workflow } from '../document/schema.js'
import type { JsonValue } from '../json.js'
import { typeName } from '../socket-type.js'
import { kit, link, workflow } from '../testing/kit.js'
import { type CheckOptions, check } from './check.js'
import type { Plan } from './plan.js'

function planOf(document: Workflow, options?: CheckOptions): Plan<unknown> {
  const result = check(document, kit, options)
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('\n'))
  return result.plan
}

function errorsOf(document: Workflow, options?: CheckOptions) {
  const result = check(document, kit, options)
  return result.ok ? [] : result.errors
}

const one = { type: 'math/constant', params: { value: 1 } }
const chain = workflow({ one, two: 'math/add' }, ['one.value -> two.a'])
const twice: Workflow = {
  ...workflow({ both: 'component/double' }),
  components: {
    double: {
      inputs: {
        base: {
          type: 'int',
          to: [
            { node: 'add', socket: 'a' },
            { node: 'add', socket: 'b' },
          ],
        },
        extra: { type: 'int', to: [{ node: 'add', param: 'amount' }] },
      },
      outputs: { value: { type: 'int', from: { node: 'add', socket: 'value' } } },
      nodes: { add: { type: 'math/add' } },
    },
  },
}

/** name, document, options, then code, path and a part of the message of each error in order. */
const bad: [string, Workflow, CheckOptions, [code: string, path: string, message: string][]][] = [
  [
    '[K2] unknown type',
    workflow({ a: 'math/constnat' }),
    {},
    [
      [
        'check/unknown-type',
        '/nodes/a/type',
        'node a: expected a node type of the catalogue, got "math/constnat" (did you mean "math/constant"?)',
      ],
    ],
  ],
  [
    '[K3] unknown param',
    workflow({ a: { type: 'math/constant', params: { vaule: 1 } } }),
    {},
    [['check/unknown-param', '/nodes/a/params/vaule', 'did you mean "value"?']],
  ],
  [
    '[K3] param type, range and choice at once',
    workflow(
      {
        one,
        a: { ...one, params: { value: 'x' } },
        b: { ...one, params: { value: 1001 } },
        c: { type: 'text/spell', params: { style: 'quotd', seed: 2 ** 60, scale: 11, note: 3 } },
      },
      ['one.value -> c.value'],
    ),
    {},
    [
      ['check/param-type', '/nodes/a/params/value', 'node a.value: expected an integer from -1000 to 1000, got "x"'],
      ['check/param-range', '/nodes/b/params/value', 'got 1001'],
      [
        'check/param-range',
        '/nodes/c/params/style',
        'expected one of "plain", "quoted", got "quotd" (did you mean "quoted"?)',
      ],
      ['check/param-type', '/nodes/c/params/seed', 'a decimal string'],
      ['check/param-range', '/nodes/c/params/scale', 'a number from 0 to 10'],
      ['check/param-type', '/nodes/c/params/note', 'a text'],
    ],
  ],
  [
    '[K3] a param without value',
    workflow({ one, c: 'text/spell' }, ['one.value -> c.value']),
    {},
    [['check/missing-param', '/nodes/c/params', 'node c.note: expected a value (text)']],
  ],
  [
    '[K3] a node of the future',
    workflow({ a: { ...one, version: 2 } }),
    {},
    [['check/node-too-new', '/nodes/a/version', 'a newer dreamgraph wrote this node']],
  ],
  [
    '[K4] missing input',
    workflow({ a: 'math/add' }),
    {},
    [['check/missing-input', '/nodes/a', 'node a.a: expected a link of type int, got nothing']],
  ],
  [
    '[K4] links to nowhere',
    workflow({ one, a: 'math/add' }, ['onne.value -> a.a', 'one.valu -> a.b', 'one.value -> a.amonut']),
    {},
    [
      ['check/missing-node', '/links/0/from', 'got "onne" (did you mean "one"?)'],
      [
        'check/unknown-socket',
        '/links/1/from',
        'node one.valu: expected an output, got "valu" (did you mean "value"?)',
      ],
      ['check/unknown-socket', '/links/2/to', 'did you mean "amount"?'],
    ],
  ],
  [
    '[K4] two links into one socket',
    workflow({ one, a: 'math/add' }, ['one.value -> a.a', 'one.value -> a.a']),
    {},
    [['check/duplicate-link', '/links/1', 'node a.a: expected one link to a single socket']],
  ],
  [
    '[S1] a wrong type, with the socket that was meant',
    workflow({ one, b: 'box/make', a: 'math/add' }, ['one.value -> b.label', 'b.box -> a.a']),
    {},
    [['check/type-mismatch', '/links/1', 'node a.a: expected int, got "box"']],
  ],
  [
    '[S2] a single value into a list socket',
    workflow({ one, t: 'list/total' }, ['one.value -> t.items']),
    {},
    [['check/type-mismatch', '/links/0', 'expected list<int>, got "int"']],
  ],
  [
    '[S5] a list of lists',
    workflow({ r: 'list/range', s: 'list/range' }, ['r.items -> s.count']),
    {},
    [['check/nested-list', '/nodes/s', 'node s.items']],
  ],
  [
    '[K5] a cycle is named in order',
    workflow({ a: 'math/add', b: 'math/add', c: 'math/add' }, ['a.value -> b.a', 'b.value -> c.a', 'c.value -> a.a']),
    {},
    [['check/cycle', '/nodes/a', '"a → b → c → a"']],
  ],
  [
    '[K5] a node that feeds itself',
    workflow({ a: 'math/add' }, ['a.value -> a.a']),
    {},
    [['check/cycle', '/nodes/a', '"a → a"']],
  ],
  [
    '[K6] components: unknown, recursive',
    {
      ...workflow({ a: 'component/duoble', b: 'component/loop' }),
      components: { double: { nodes: {} }, loop: { nodes: { again: { type: 'component/loop' } } } },
    },
    {},
    [
      ['check/unknown-component', '/nodes/a/type', 'did you mean "component/double"?'],
      ['check/recursive-component', '/components/loop/nodes/again/type', '"loop → loop"'],
    ],
  ],
  [
    '[K6] components: inside errors come once, with the node that suffers',
    {
      ...twice,
      nodes: { x: { type: 'component/double' }, y: { type: 'component/double', params: { bsae: 1 } } },
    },
    {},
    [
      ['check/unknown-param', '/nodes/y/params/bsae', 'node y.bsae: expected an input of the component'],
      ['check/missing-input', '/components/double/nodes/add', 'node x/add.a: expected a link of type int'],
    ],
  ],
  [
    '[K6] components that explode',
    {
      ...workflow({ a: 'component/c0' }),
      components: Object.fromEntries(
        Array.from({ length: 30 }, (_, i) => [
          `c${i}`,
          {
            nodes: Object.fromEntries(
              i === 29 ? [] : ['l', 'r'].map((side) => [side, { type: `component/c${i + 1}` }]),
            ),
          },
        ]),
      ),
    },
    { maxNodes: 1000 },
    [['check/too-many-nodes', '/nodes', 'at most 1000 nodes']],
  ],
  [
    '[K7] declared inputs and outputs',
    workflow({ one, a: 'math/add' }, ['one.value -> a.a'], {
      inputs: {
        amount: { type: 'float', to: [{ node: 'a', param: 'amount' }] },
        shape: { type: 'imt', to: [{ node: 'a', param: 'amount' }] },
        none: { type: 'int', to: [] },
        a: { type: 'int', to: [{ node: 'a', socket: 'a' }], default: 1 },
      },
      outputs: {
        value: { type: 'list<int>', from: { node: 'a', socket: 'value' } },
        lost: { type: 'int', from: { node: 'z', socket: 'value' } },
      },
    }),
    {},
    [
      ['check/declared-type', '/inputs/amount/type', 'expected the type of its target a.amount, int, got "float"'],
      ['check/unknown-socket-type', '/inputs/shape/type', 'did you mean "int"?'],
      ['check/empty-target', '/inputs/none/to', 'at least one target'],
      ['check/duplicate-link', '/inputs/a/default', 'one link to a single socket'],
      ['check/declared-type', '/outputs/value/type', 'int, got "list<int>"'],
      ['check/missing-node', '/outputs/lost/from', 'got "z"'],
    ],
  ],
  [
    '[K8] values for declared inputs',
    workflow({ one, a: 'math/add', c: one }, ['one.value -> a.a'], {
      inputs: {
        b: { type: 'int', to: [{ node: 'a', socket: 'b' }] },
        amount: { type: 'int', to: [{ node: 'a', param: 'amount' }] },
        value: { type: 'int', to: [{ node: 'c', param: 'value' }] },
      },
    }),
    { inputs: { b: 'x', amonut: 1, value: 5000 } },
    [
      ['check/unknown-input', '/inputs', 'got "amonut" (did you mean "amount"?)'],
      ['check/input-value', '/inputs/b', 'a value of type int for the workflow input "b", got "x"'],
      ['check/input-value', '/inputs/value', 'an integer from -1000 to 1000 for the workflow input "value"'],
    ],
  ],
  [
    '[K8] a declared input that needs a value',
    workflow({ a: 'math/add' }, [], { inputs: { base: { type: 'int', to: [{ node: 'a', socket: 'a' }] } } }),
    {},
    [['check/missing-value', '/inputs/base', 'a value of type int for the workflow input "base", got nothing']],
  ],
  [
    '[S6] zipped lists of different given lengths',
    workflow({ a: 'math/add' }, [], {
      inputs: {
        x: { type: 'list<int>', to: [{ node: 'a', socket: 'a' }] },
        y: { type: 'list<int>', to: [{ node: 'a', socket: 'b' }] },
      },
    }),
    { inputs: { x: [1, 2, 3], y: [1, 2] } },
    [['check/list-lengths', '/inputs/y', 'a list of length 3 or 1']],
  ],
  [
    '[K9] a bypassed node that nothing can stand in for',
    workflow(
      { one, b: { type: 'box/make', mode: 'bypass' }, s: { type: 'math/constant', mode: 'bypass' }, a: 'math/add' },
      ['one.value -> b.label', 's.value -> a.a'],
    ),
    {},
    [['check/bypass-impossible', '/links/1', 's is bypassed']],
  ],
  [
    '[D6] ids like __proto__ and with a slash',
    workflow({ 'a/b': one, constructor: 'toString' }),
    {},
    [
      ['check/bad-node-id', '/nodes/a~1b', 'holds no "/"'],
      ['check/unknown-type', '/nodes/constructor/type', 'got "toString"'],
    ],
  ],
]

describe('check', () => {
  it.each(bad)('%s', (_, document, options, expected) => {
    const errors = errorsOf(document, options)
    expect(errors.map(({ code, path }) => [code, path])).toEqual(expected.map(([code, path]) => [code, path]))
    expected.forEach(([, , part], index) => {
      expect(errors[index]!.message).toContain(part)
    })
  })

  it('[K1] a correct document becomes a plan in running order', () => {
    const plan = planOf(workflow({ two: 'math/plus', one }, ['one.value -> two.a']))
    expect(plan.nodes.map(({ id, state, params }) => [id, state, params])).toEqual([
      ['one', 'run', { value: 1 }],
      ['two', 'run', { amount: 0 }],
    ])
    expect(plan.nodes[1]?.node.type).toBe('math/add')
  })

  it('[S2] widenings convert, lists map, and the types show it', () => {
    const plan = planOf(
      workflow({ r: 'list/range', c: { type: 'text/spell', params: { note: '' } } }, [
        'r.items -> c.value',
        'r.items -> c.seed',
      ]),
    )
    const spell = plan.nodes[1]!
    expect(spell.mapped).toBe(true)
    expect(typeName(spell.outputs.text!)).toBe('list<text>')
    expect(spell.inputs.map(({ name, kind, maps }) => [name, kind, maps])).toEqual([
      ['value', 'input', true],
      ['seed', 'param', true],
    ])
  })

  it('[S4] many-sockets take links by order', () => {
    const plan = planOf(
      workflow({ a: one, b: one, s: 'math/sum' }, [link('a.value -> s.items', 2), link('b.value -> s.items', 1)]),
    )
    expect(plan.nodes[2]!.inputs[0]!.sources.map(({ node }) => plan.nodes[node]!.id)).toEqual(['b', 'a'])
  })

  it('[K6] components expand, with params, links and defaults reaching inside', () => {
    const nodes = { ...twice.nodes, one, both: { type: 'component/double', params: { extra: 5 } } }
    const links = [link('one.value -> both.base')]
    const outputs = { result: { type: 'int', from: { node: 'both', socket: 'value' } } }
    const plan = planOf({ ...twice, nodes, links, outputs })
    expect(plan.nodes.map(({ id, params }) => [id, params])).toEqual([
      ['one', { value: 1 }],
      ['both/add', { amount: 5 }],
    ])
    expect(plan.outputs[0]?.source?.node).toBe(1)
  })

  it('[K7] given values replace params and feed sockets; document params serve when nothing is given', () => {
    const inputs = {
      value: { type: 'int', to: [{ node: 'one', param: 'value' }] },
      b: { type: 'list<int>', to: [{ node: 'two', socket: 'b' }] },
    }
    const document = { ...chain, inputs }
    expect(planOf(document).nodes[0]?.params).toEqual({ value: 1 })
    const plan = planOf(document, { inputs: { value: 7, b: [1, 2] } })
    expect(plan.nodes[0]?.params).toEqual({ value: 7 })
    expect(plan.nodes[1]?.mapped).toBe(true)
  })

  it('[M3] old params are migrated in memory, with a warning', () => {
    const old = { type: 'text/spell', version: 1, params: { remark: 'hi', style: 'fancy' } }
    const result = check(workflow({ one, c: old }, ['one.value -> c.value']), kit)
    expect(result.ok && result.plan.nodes[1]?.params).toMatchObject({ note: 'hi', style: 'quoted' })
    expect(result.warnings.map(({ code }) => code)).toEqual(['check/node-migrated'])
  })

  it('[K9] mute silences what needs the node; bypass wires around it', () => {
    const nodes = { one, mid: { type: 'math/add', mode: 'mute' as const }, end: 'math/add', sum: 'math/sum' }
    const links = ['one.value -> mid.a', 'mid.value -> end.a', 'end.value -> sum.items']
    const muted = planOf(workflow(nodes, links))
    expect(muted.nodes.map(({ id, state, reason }) => [id, state, reason])).toEqual([
      ['one', 'run', undefined],
      ['mid', 'muted', 'muted'],
      ['end', 'muted', 'mid'],
      ['sum', 'run', undefined],
    ])
    const bypassed = planOf(workflow({ ...nodes, mid: { type: 'math/add', mode: 'bypass' } }, links))
    expect(bypassed.nodes[2]!.inputs[0]!.sources[0]).toMatchObject({ node: 0, output: 'value' })
    const around = {
      ...twice,
      nodes: { one, both: { type: 'component/double', mode: 'bypass' as const }, end: { type: 'math/add' } },
    }
    const component = planOf({ ...around, links: [link('one.value -> both.base'), link('both.value -> end.a')] })
    expect(component.nodes.find(({ id }) => id === 'end')!.inputs[0]!.sources[0]).toMatchObject({ node: 0 })
  })

  it('[K10] warns of what is kept but not understood, and of what nothing needs', () => {
    const outputs = { value: { type: 'int', from: { node: 'two', socket: 'value' } } }
    const result = check({ ...chain, outputs, nodes: { ...chain.nodes, lone: one }, linsk: [] }, kit)
    expect(result.warnings.map(({ code, path }) => [code, path])).toEqual([
      ['check/unknown-field', '/linsk'],
      ['check/unused-node', '/nodes/lone'],
    ])
  })

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
      { seed: 7, numRuns: 1500 },
    )
  })
})
