import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DocumentError } from '../errors.js'
import type { JsonValue } from '../json.js'
import { workflow } from '../testing/kit.js'
import { printWorkflow } from './print.js'
import { parseWorkflow, readWorkflow } from './read.js'
import { saveWorkflow } from './save.js'
import type { Workflow } from './schema.js'

const fixture = (name: string) => readFile(new URL(`../testing/fixtures/${name}`, import.meta.url), 'utf8')

const odd = `{ "dreamgraph" : 2,
\t"nodes": {
    "a": {"type":"no/such","params":{ "steps": 1.0, "big": 11980469406460273604, "exp":1e3 , "__proto__": {"x": 1}}},
    "b": { "type": "math/add", "ui": {"x": 10.50, "y":-0}  } },
  "links": [ {"from": {"node":"a","socket":"out"}, "to": {"node":"b","socket":"a"}},
             {"from": {"node":"b","socket":"value"},"to":{"node":"a","socket":"in"}} ],
  "later": [1,2,{ }]
}

`

function problemsOf(action: () => unknown): readonly { code: string; path: string; message: string }[] {
  try {
    action()
  } catch (error) {
    if (error instanceof DocumentError) return error.problems
    throw error
  }
  return []
}

describe('documents', () => {
  it('[D1] what did not change is saved byte for byte, known or not', () => {
    for (const text of [odd, odd.replaceAll('\n', '\r\n'), `\ufeff${odd}`, '{"dreamgraph":2,"nodes":{}}']) {
      const loaded = parseWorkflow(text)
      expect(saveWorkflow(loaded, loaded.document)).toBe(text)
      expect(saveWorkflow(loaded, structuredClone(loaded.document))).toBe(text)
    }
  })

  it('[D2] a change touches only its own place in the text', () => {
    const loaded = parseWorkflow(odd)
    const { nodes } = loaded.document
    const moved = { ...nodes, b: { ...nodes.b!, ui: { ...nodes.b!.ui, x: 99 } } }
    expect(saveWorkflow(loaded, { ...loaded.document, nodes: moved })).toBe(odd.replace('10.50', '99'))
    const unlinked = { ...loaded.document, links: loaded.document.links!.slice(1) }
    const text = saveWorkflow(loaded, unlinked)
    expect(text).toContain('"links": [ {"from": {"node":"b","socket":"value"},"to":{"node":"a","socket":"in"}} ]')
    expect(text).toContain('"exp":1e3 ')
    const grown = {
      ...loaded.document,
      nodes: { ...nodes, c: { type: 'math/sum' } },
      notes: [{ text: 'hi', x: 0, y: 0 }],
    }
    expect(saveWorkflow(loaded, grown)).toBe(
      odd
        .replace('-0}  } }', '-0}  },\n    "c": {"type": "math/sum"} }')
        .replace('{ }]\n', '{ }],\n  "notes": [{"text": "hi", "x": 0, "y": 0}]\n'),
    )
  })

  it('[D2] any edit reads back as the edited document', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'é"\\')
    const { json } = fc.letrec<{ json: JsonValue; array: JsonValue; object: JsonValue }>((tie) => ({
      json: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.string(), fc.constant(null), tie('array'), tie('object')),
      array: fc.array(tie('json'), { maxLength: 4 }) as fc.Arbitrary<JsonValue>,
      object: fc.dictionary(key, tie('json'), { maxKeys: 4, noNullPrototype: true }) as fc.Arbitrary<JsonValue>,
    }))
    const space = fc.constantFrom(undefined, 1, '\t', '    ')
    fc.assert(
      fc.property(json, json, space, (before, after, indent) => {
        const head = { dreamgraph: 2, nodes: {} }
        const loaded = parseWorkflow(JSON.stringify({ ...head, extra: before }, null, indent))
        const saved = saveWorkflow(loaded, { ...loaded.document, extra: after })
        expect(JSON.parse(saved)).toEqual(JSON.parse(JSON.stringify({ ...head, extra: after })))
      }),
      { seed: 20261, numRuns: 500 },
    )
  })

  it('[D3] a document built in code prints in one stable form', async () => {
    const built = workflow(
      { one: { type: 'math/constant', params: { value: 1 } }, two: 'math/add' },
      ['one.value -> two.a'],
      { name: 'sum' },
    )
    const text = printWorkflow(built)
    expect(text).toBe(`{
  "dreamgraph": 2,
  "name": "sum",
  "nodes": {
    "one": {"type": "math/constant", "params": {"value": 1}},
    "two": {"type": "math/add"}
  },
  "links": [
    {"from": {"node": "one", "socket": "value"}, "to": {"node": "two", "socket": "a"}}
  ]
}
`)
    expect(printWorkflow(parseWorkflow(text).document)).toBe(text)
  })

  it('[D4] refuses what is no document, with every problem and its place', () => {
    const shape = problemsOf(() =>
      readWorkflow({ dreamgraph: 2, nodes: { a: { type: 1 }, b: {} }, links: [{ from: 'a', to: { node: 'b' } }] }),
    )
    expect(shape.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'document/shape /nodes/a/type',
      'document/shape /nodes/b/type',
      'document/shape /links/0/from',
      'document/shape /links/0/to/socket',
    ])
    expect(shape[0]?.message).toBe('document /nodes/a/type: expected string, got 1')
    const codes = (text: string) => problemsOf(() => parseWorkflow(text)).map(({ code }) => code)
    expect(codes('{"dreamgraph": 2,')).toEqual(['document/not-json'])
    expect(codes('[]')).toEqual(['document/not-a-workflow'])
    expect(codes('{"nodes": {}}')).toEqual(['document/not-a-workflow'])
    expect(codes('{"dreamgraph": 2.5, "nodes": {}}')).toEqual(['document/not-a-workflow'])
    expect(codes('{"dreamgraph": 2, "nodes": {"a": {"type": "x/y"}, "a": {"type": "x/y"}}}')).toEqual([
      'document/duplicate-key',
    ])
  })

  it('[D5] limits hold before anything recursive runs', () => {
    const deep = `{"dreamgraph": 2, "nodes": {}, "x": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(problemsOf(() => parseWorkflow(deep))[0]?.code).toBe('document/too-large')
    expect(problemsOf(() => parseWorkflow('{}', { textChars: 1 }))[0]?.code).toBe('document/too-large')
    let nested: JsonValue = []
    for (let depth = 0; depth < 50_000; depth++) nested = [nested]
    const built = { dreamgraph: 2, nodes: {}, x: nested }
    expect(problemsOf(() => readWorkflow(built))[0]?.code).toBe('document/too-large')
    const two = { dreamgraph: 2, nodes: { a: { type: 'x/y' }, b: { type: 'x/y' } } }
    expect(problemsOf(() => readWorkflow(two, { nodes: 1 }))[0]?.code).toBe('document/too-large')
  })

  it('[M1] version 1 becomes version 2; unchanged it keeps its text, changed it is upgraded in place', async () => {
    const [before, after] = await Promise.all([fixture('v1.fixture'), fixture('v2.fixture')])
    const loaded = parseWorkflow(before)
    expect(loaded.version).toBe(1)
    expect(loaded.document).toEqual(parseWorkflow(after).document)
    expect(saveWorkflow(loaded, loaded.document)).toBe(before)
    const renamed: Workflow = { ...loaded.document, name: 'final' }
    expect(saveWorkflow(loaded, renamed)).toBe(after.replace('"draft"', '"final"'))
  })

  it('[M2] a newer version is refused and says what to do', () => {
    const [problem] = problemsOf(() => readWorkflow({ dreamgraph: 3, nodes: {} }))
    expect(problem?.code).toBe('document/newer-version')
    expect(problem?.message).toContain('update to open it')
  })

  it('[D6] names that touch prototypes are plain data', () => {
    const loaded = parseWorkflow('{"dreamgraph":2,"nodes":{"__proto__":{"type":"x/y"},"constructor":{"type":"x/y"}}}')
    expect(Object.keys(loaded.document.nodes)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>).type).toBeUndefined()
    const problems = problemsOf(() => parseWorkflow('{"dreamgraph":2,"nodes":{"__proto__":{"type":5}}}'))
    expect(problems.map(({ path }) => path)).toEqual(['/nodes/__proto__/type'])
  })
})
