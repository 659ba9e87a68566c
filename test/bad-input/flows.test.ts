// Documents that are whole but cannot run: params, links, components, and values for declared inputs.
import type { JsonValue } from '@dreamgraph/graph'
import { type FlowNodes, flow, graph } from './flow.js'
import { type BadInput, testBadInputs } from './table.js'

interface Flow {
  readonly nodes: FlowNodes
  readonly links?: readonly string[]
  readonly more?: Readonly<Record<string, JsonValue>>
  readonly inputs?: Readonly<Record<string, JsonValue>>
  readonly targets?: readonly string[]
}

const row = (name: string, code: string, says: string, { nodes, links, more, ...run }: Flow): BadInput => ({
  name,
  attempt: (place) => place.run(flow(nodes, links, more), run),
  code,
  says,
})

const int = (value: JsonValue): Flow => ({ nodes: { a: ['value/int', { value }] } })
const seed = (value: JsonValue): Flow => ({ nodes: { a: ['value/seed', { seed: value }] } })
const declared = (type: string, more: Record<string, JsonValue> = {}) => ({
  inputs: { steps: { type, to: [{ node: 'a', param: 'value' }], ...more } },
})

testBadInputs([
  row('text for an integer', 'check/param-type', 'node a.value', int('7')),
  row('a fraction for an integer', 'check/param-type', '1.5', int(1.5)),
  row('null for an integer', 'check/param-type', 'null', int(null)),
  row('more than the greatest', 'check/param-range', '101', { nodes: { s: ['image/save', { quality: 101 }] } }),
  row('less than the least', 'check/param-range', '0', { nodes: { n: ['latent/noise', { width: 0 }] } }),
  row('a size below 16', 'check/param-range', 'from 16', { nodes: { n: ['latent/noise', { width: 15 }] } }),
  row('a misspelt choice', 'check/param-range', 'did you mean "uniform"', {
    nodes: { r: ['image/remove-background', { method: 'unifrom' }] },
  }),
  row('a misspelt param', 'check/unknown-param', 'did you mean "width"', {
    nodes: { n: ['latent/noise', { widht: 64 }] },
  }),
  row('a param called __proto__', 'check/unknown-param', '__proto__', {
    nodes: { n: ['latent/noise', JSON.parse('{"__proto__": {"width": 64}}')] },
  }),
  row('a param called constructor', 'check/unknown-param', 'constructor', {
    nodes: { n: ['latent/noise', { constructor: 1 } as never] },
  }),
  row('true in quotes', 'check/param-type', '"true"', { nodes: { b: ['value/boolean', { value: 'true' }] } }),
  row('an infinite number', 'check/param-type', 'a number', {
    nodes: { f: ['value/float', { value: Number.POSITIVE_INFINITY }] },
  }),
  row('a text too long', 'check/param-range', '20000 characters', {
    nodes: { t: ['dreamo/encode-text', { text: 'x'.repeat(20_001) }] },
  }),
  row('a param that must be given', 'check/missing-param', 'l.file', { nodes: { l: ['image/load'] } }),
  row('a seed of 65 bits', 'check/param-type', '18446744073709551616', seed('18446744073709551616')),
  row(
    'a seed as a number that JSON has rounded',
    'check/param-type',
    'a decimal string',
    seed(Number('11980469406460273604')),
  ),
  row('a negative seed', 'check/param-type', '-1', seed('-1')),
  row('a seed with letters', 'check/param-type', '12abc', seed('12abc')),
  row('a seed in hexadecimal', 'check/param-type', '0xff', seed('0xff')),
  row('a misspelt node type', 'check/unknown-type', 'did you mean "image/load"', { nodes: { l: ['image/laod'] } }),
  row('a node type called constructor', 'check/unknown-type', 'constructor', { nodes: { l: ['constructor'] } }),
  row('a node id with a slash', 'check/bad-node-id', 'a/b', { nodes: { 'a/b': ['value/int'] } }),
  row('a node of a newer version', 'check/node-too-new', '99', {
    nodes: {},
    more: { nodes: { a: { type: 'value/int', version: 99 } } },
  }),

  row('a link from a node that is not there', 'check/missing-node', 'did you mean "load"', {
    nodes: { load: ['image/load', { file: 'x.png' }], save: ['image/save'] },
    links: ['loadd.image > save.image'],
  }),
  row('a link from a node called toString', 'check/missing-node', 'toString', {
    nodes: { save: ['image/save'] },
    links: ['toString.image > save.image'],
  }),
  row('a link from a socket that is not there', 'check/unknown-socket', 'did you mean "image"', {
    nodes: { load: ['image/load', { file: 'x.png' }], save: ['image/save'] },
    links: ['load.imgae > save.image'],
  }),
  row('a link to a socket called __proto__', 'check/unknown-socket', '__proto__', {
    nodes: { a: ['value/int'], save: ['image/save'] },
    links: ['a.value > save.__proto__'],
  }),
  row('a latent for an image', 'check/type-mismatch', 'latent', {
    nodes: { noise: ['latent/noise'], save: ['image/save'] },
    links: ['noise.latent > save.image'],
  }),
  row('two links to a single socket', 'check/duplicate-link', '2 links', {
    nodes: { a: ['image/load', { file: 'a.png' }], b: ['image/load', { file: 'b.png' }], save: ['image/save'] },
    links: ['a.image > save.image', 'b.image > save.image'],
  }),
  row('a cycle', 'check/cycle', 'a → b', {
    nodes: { a: ['image/flip-rotate'], b: ['image/flip-rotate'] },
    links: ['a.image > b.image', 'b.image > a.image'],
  }),
  row('a node that feeds itself', 'check/cycle', 'a → a', {
    nodes: { a: ['image/flip-rotate'] },
    links: ['a.image > a.image'],
  }),
  row('an input without a link', 'check/missing-input', 'save.image', { nodes: { save: ['image/save'] } }),
  row('a list of lists', 'check/nested-list', 'range.values', {
    nodes: { outer: ['value/int-range'], range: ['value/int-range'] },
    links: ['outer.values > range.start'],
  }),
  row('lists of different lengths zipped', 'run/list-lengths', '3', {
    nodes: { a: ['value/int-range', { count: 2 }], b: ['value/int-range', { count: 3 }], noise: ['latent/noise'] },
    links: ['a.values > noise.width', 'b.values > noise.height'],
  }),
  row('a linked number out of range', 'run/param-value', '8', {
    nodes: { a: ['value/int', { value: 8 }], noise: ['latent/noise'] },
    links: ['a.value > noise.width'],
  }),
  row('a negative number for a seed', 'run/conversion', '-5', {
    nodes: { a: ['value/int', { value: -5 }], noise: ['latent/noise', { width: 16, height: 16 }] },
    links: ['a.value > noise.seed'],
  }),

  row('a component that is not there', 'check/unknown-component', 'did you mean "component/twice"', {
    nodes: { a: ['component/twise'] },
    more: { components: { twice: graph({}) } },
  }),
  row('a component that uses itself', 'check/recursive-component', 'loop → loop', {
    nodes: { a: ['component/loop'] },
    more: { components: { loop: graph({ again: ['component/loop'] }) } },
  }),
  row('two components that use each other', 'check/recursive-component', 'a → b → a', {
    nodes: { start: ['component/a'] },
    more: { components: { a: graph({ x: ['component/b'] }), b: graph({ x: ['component/a'] }) } },
  }),
  row('components in components, four thousand deep', 'check/too-deep', 'at most 100', {
    nodes: { a: ['component/c0'] },
    more: { components: nested(4000) },
  }),
  row('components that double thirty times', 'check/too-many-nodes', 'at most 200000', {
    nodes: { a: ['component/c0'] },
    more: { components: doubling(30) },
  }),
  row('a param that the component does not declare', 'check/unknown-param', 'did you mean "size"', {
    nodes: { a: ['component/c', { sise: 3 }] },
    more: {
      components: {
        c: {
          ...graph({ n: ['latent/noise'] }),
          inputs: { size: { type: 'int', to: [{ node: 'n', param: 'width' }] } },
        },
      },
    },
  }),

  row('a value for an input that is not declared', 'check/unknown-input', 'did you mean "steps"', {
    ...int(1),
    more: declared('int'),
    inputs: { stesp: 3 },
  }),
  row('a value where none is declared', 'check/unknown-input', 'declares none', {
    ...int(1),
    inputs: { toString: 3 } as never,
  }),
  row('text for a declared integer', 'check/input-value', '"many"', {
    ...int(1),
    more: declared('int'),
    inputs: { steps: 'many' },
  }),
  row('NaN for a declared number', 'check/input-value', 'a number', {
    nodes: { a: ['value/float'] },
    more: declared('float'),
    inputs: { steps: Number.NaN },
  }),
  row('a default of the wrong type', 'check/input-value', '"many"', {
    ...int(1),
    more: declared('int', { default: 'many' }),
  }),
  row('one value for a declared list', 'check/input-value', 'a list', {
    ...int(1),
    more: declared('list<int>'),
    inputs: { steps: 3 },
  }),
  row('no value for an input that needs one', 'check/missing-value', '"file"', {
    nodes: { load: ['image/load'] },
    more: { inputs: { file: { type: 'file', to: [{ node: 'load', param: 'file' }] } } },
  }),
  row('a declared input of no known type', 'check/unknown-socket-type', 'did you mean "int"', {
    ...int(1),
    more: declared('itn'),
  }),
  row('a declared input of another type than its target', 'check/declared-type', 'int', {
    ...int(1),
    more: declared('text'),
  }),
  row('a declared input that goes nowhere', 'check/empty-target', 'at least one', {
    ...int(1),
    more: { inputs: { x: { type: 'int', to: [] } } },
  }),
  row('a declared input for a node that is not there', 'check/missing-node', '"b"', {
    ...int(1),
    more: { inputs: { x: { type: 'int', to: [{ node: 'b', param: 'value' }] } } },
  }),
  row('a declared output of another type than its source', 'check/declared-type', 'int', {
    ...int(1),
    more: { outputs: { x: { type: 'image', from: { node: 'a', socket: 'value' } } } },
  }),
  row('a declared output of a socket that is not there', 'check/unknown-socket', '"values"', {
    ...int(1),
    more: { outputs: { x: { type: 'int', from: { node: 'a', socket: 'values' } } } },
  }),
  row('a node to run that is not there', 'run/unknown-target', 'did you mean "noise"', {
    nodes: { noise: ['latent/noise'] },
    targets: ['nose'],
  }),
  row('a range that leaves the integers', 'nodes/list-invalid', '2^53', {
    nodes: { a: ['value/int-range', { start: Number.MAX_SAFE_INTEGER, count: 2 }] },
  }),
  row('a template with a name that is not linked', 'nodes/template-invalid', '{x}', {
    nodes: { a: ['value/text-join', { template: 'a {x}' }] },
  }),
])

/** c0 uses c1 twice, c1 uses c2 twice, … : a few lines that would unfold to 2^count nodes. */
/** Each holds the next. */
function nested(count: number): Record<string, JsonValue> {
  const levels = Array.from({ length: count }, (_, i) => [`c${i}`, graph({ x: [`component/c${i + 1}`] })])
  return { ...Object.fromEntries(levels), [`c${count}`]: graph({ a: ['value/int'] }) }
}

function doubling(count: number): Record<string, JsonValue> {
  const next = (i: number): FlowNodes => ({ l: [`component/c${i + 1}`], r: [`component/c${i + 1}`] })
  const levels = Array.from({ length: count }, (_, i) => [`c${i}`, graph(next(i))])
  return { ...Object.fromEntries(levels), [`c${count}`]: graph({ a: ['value/int'] }) }
}
