import { describe, expect, it } from 'vitest'
import type { Workflow } from '../document/schema.js'
import { kit, one, twice, workflow } from '../testing/kit.js'
import { type CheckOptions, check } from './check.js'

function errorsOf(document: Workflow, options?: CheckOptions) {
  const result = check(document, kit, options)
  return result.ok ? [] : result.errors
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

describe('check, errors', () => {
  it.each(bad)('%s', (_, document, options, expected) => {
    const errors = errorsOf(document, options)
    expect(errors.map(({ code, path }) => [code, path])).toEqual(expected.map(([code, path]) => [code, path]))
    expected.forEach(([, , part], index) => {
      expect(errors[index]!.message).toContain(part)
    })
  })
})
