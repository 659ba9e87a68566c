// Files that someone or something has broken: a typed error with a path, or a document that the checker takes.
import {
  ComfyError,
  type ComfyJson,
  type ComfyObject,
  importComfy,
  objectInfo,
  parseComfy,
  printComfy,
  readComfy,
  toPrompt,
  validatePrompt,
} from '@dreamgraph/comfy'
import { printWorkflow } from '@dreamgraph/graph'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { catalogue, fixture, fixtureNames, problems } from './flow.js'

/** Values that stand where others should: ids, names and types of the fixtures among them. */
const odd: fc.Arbitrary<ComfyJson> = fc.oneof(
  fc.constantFrom<ComfyJson>(
    null,
    true,
    '',
    'x',
    '31',
    8,
    -1,
    1.5,
    1e300,
    2n ** 64n,
    [],
    {},
    ['31', 0],
    ['8', 9],
    [50, 0],
    [[]],
    '__proto__',
    'constructor',
    'KSampler',
    'Reroute',
    'ApplyDreamO',
    'DreamOGenerate',
    'Unknown',
    'IMAGE',
    'MODEL',
    'a\\b',
    'hf_0123456789abcdef',
    'style',
    { __value__: [1] },
    { class_type: 'KSampler', inputs: {} },
    { nodes: [], links: [] },
  ),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<ComfyJson>,
)

interface Edit {
  readonly at: readonly number[]
  readonly how: 'set' | 'remove' | 'copy' | 'swap'
  readonly value: ComfyJson
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 7 }),
  how: fc.constantFrom('set', 'set', 'set', 'remove', 'copy', 'swap'),
  value: odd,
})

/** Walks down by the numbers, as far as there are members, and changes what is there. */
function mangle(root: ComfyJson, { at, how, value }: Edit): void {
  let holder = root as ComfyObject
  for (const [depth, step] of at.entries()) {
    const keys = Object.keys(holder)
    if (keys.length === 0) return
    const key = keys[step % keys.length]!
    const member = holder[key]
    const isLast = depth === at.length - 1 || typeof member !== 'object' || member === null
    if (!isLast) {
      holder = member as ComfyObject
      continue
    }
    const other = keys[(step + 1) % keys.length]!
    if (how === 'set') holder[key] = value
    else if (how === 'remove' && Array.isArray(holder)) holder.splice(Number(key), 1)
    else if (how === 'remove') delete holder[key]
    else if (how === 'copy') holder[other] = structuredClone(member!)
    else [holder[key], holder[other]] = [holder[other]!, member!]
    return
  }
}

const prompts = fixtureNames.map((name) => {
  const file = readComfy(fixture(name))
  return file.kind === 'ui' ? toPrompt(file.ui) : file.prompt
})
const files = fixtureNames.map(fixture)
const info = objectInfo()

test('broken files and prompts give typed errors, or documents that pass the checker', () => {
  let imports = 0
  const original = fc.constantFrom<unknown>(...prompts, ...files)
  fc.assert(
    fc.property(original, fc.array(edit, { minLength: 1, maxLength: 8 }), (value, edits) => {
      const root = structuredClone(value) as ComfyJson
      for (const one of edits) mangle(root, one)
      validatePrompt(root, info)
      const text = printComfy(root)
      expect(text).not.toContain('undefined')
      try {
        const result = importComfy(parseComfy(text), catalogue, { layout: root })
        imports++
        expect(problems(result).map(({ message }) => message)).toEqual([])
        expect(printWorkflow(result.workflow)).not.toContain('hf_0123')
        for (const { node, class: type, what } of result.report)
          expect(`${node}${type}${what}`).not.toContain('undefined')
      } catch (error) {
        if (!(error instanceof ComfyError)) throw error
        expect(error.code).toMatch(/^comfy\//)
        for (const { message, path } of error.problems) {
          expect(path === '' || path.startsWith('/')).toBe(true)
          expect(message).not.toContain('hf_0123')
        }
      }
    }),
    { seed: 1912, numRuns: 600 },
  )
  expect(imports).toBeGreaterThan(100)
})

test('any value at all is refused in order', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }), (value) => {
      validatePrompt(value, info)
      try {
        importComfy(value, catalogue)
      } catch (error) {
        if (!(error instanceof ComfyError)) throw error
      }
    }),
    { seed: 1912, numRuns: 500 },
  )
})

test('broken texts are no JSON or read as JSON.parse reads them', () => {
  const text = printComfy(files[0]!)
  fc.assert(
    fc.property(fc.nat({ max: text.length }), fc.nat({ max: 20 }), fc.string({ maxLength: 4 }), (at, cut, put) => {
      const broken = text.slice(0, at) + put + text.slice(at + cut)
      let expected: unknown
      try {
        expected = JSON.parse(broken)
      } catch {
        expect(() => parseComfy(broken)).toThrow(ComfyError)
        return
      }
      expect(parseComfy(broken)).toEqual(expected)
    }),
    { seed: 1912, numRuns: 300 },
  )
})
