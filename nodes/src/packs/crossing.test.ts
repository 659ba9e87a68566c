import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PackPlace, packPlace, runPackNode } from '../testing/pack.js'
import { crossings } from './crossing.js'
import type { OpenedPacks } from './open-packs.js'

const types = [...crossings.keys()]

/** For each type a node that returns what it is given, and one for lists of it. */
const echoes = `
const types = ${JSON.stringify(types)}
const node = (name, inputs, outputs, run) => ({ type: 'echo/' + name, version: 1, title: 'Echo', inputs, outputs, run })
export default types.flatMap((type) => [
  node(type, { value: { type } }, { value: { type } }, ({ inputs }) => inputs),
  node(type + '-list', { values: { type, list: true } }, { values: { type, list: true } }, ({ inputs }) => inputs),
]).concat([
  node('optional', { a: { type: 'int', optional: true }, b: { type: 'int', many: true, optional: true } },
    { given: { type: 'json' } }, ({ inputs }) => ({ given: [Object.keys(inputs), inputs.a === undefined, inputs.b] })),
  { ...node('params', {}, { texts: { type: 'text', list: true } }, ({ params }) => ({
      texts: Object.values(params).map((value) => typeof value + ' ' + (typeof value === 'object' ? JSON.stringify(value) : String(value))),
    })), params: { int: { kind: 'int', default: 3 }, float: { kind: 'float', default: 0.5 }, text: { kind: 'text', default: 'a' },
      boolean: { kind: 'boolean', default: true }, choice: { kind: 'choice', choices: ['x', 'y'], default: 'y' },
      seed: { kind: 'seed', default: 18446744073709551615n }, json: { kind: 'json', default: { a: [1] } } } },
  node('see', { image: { type: 'image' }, latent: { type: 'latent' }, seed: { type: 'seed' } }, { kinds: { type: 'json' } },
    ({ inputs: { image, latent, seed } }) => ({ kinds: [image.data.constructor.name, latent.data.constructor.name, typeof seed] })),
])`

let place: PackPlace
let packs: OpenedPacks
beforeAll(async () => {
  place = await packPlace()
  packs = await place.open([await place.write('echo', echoes)])
})
afterAll(() => place.remove())

const side = fc.integer({ min: 1, max: 9 })
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const floats = (length: number) => fc.float32Array({ minLength: length, maxLength: length })
const picture = (channels: number) =>
  fc.tuple(side, side).chain(([width, height]) => {
    return bytes(width * height * channels).map((data) => ({ width, height, channels, data }))
  })
const tensor = (shape: number[]) =>
  floats(shape.reduce((product, size) => product * size, 1)).map((data) => ({ dtype: 'float32', shape, data }))
const embedding = fc
  .record({ prompt: fc.string({ unit: 'binary' }), tokens: side, width: side })
  .chain(({ prompt, tokens, width }) =>
    fc.record({ prompt: fc.constant(prompt), states: tensor([1, tokens, width]), pooled: tensor([1, width]) }),
  )
const reference = fc.tuple(side, side, side).chain(([rows, columns, width]) =>
  fc.record({
    slot: side,
    task: fc.constantFrom('ip', 'id', 'style'),
    tokens: floats(rows * columns * width),
    grid: fc.constant({ rows, columns }),
  }),
)
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0) // JSON has no -0
const json = fc.jsonValue({ noUnicodeString: false } as object).map((value) => JSON.parse(JSON.stringify(value)))

const valuesOf: Record<string, fc.Arbitrary<unknown>> = {
  int: fc.maxSafeInteger().map((value) => value + 0),
  float: number,
  boolean: fc.boolean(),
  seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  text: fc.string({ unit: 'binary' }),
  json,
  image: fc.constantFrom(1, 3, 4).chain(picture),
  mask: picture(1),
  latent: fc.tuple(side, side, side).chain(([channels, height, width]) => {
    return floats(channels * height * width).map((data) => ({ channels, height, width, data }))
  }),
  'text-embedding': embedding,
  reference,
  conditions: fc
    .record({ text: embedding, negative: fc.option(embedding), references: fc.array(reference, { maxLength: 9 }) })
    .map(({ negative, ...rest }) => ({ ...rest, ...(negative && { negative }) })),
  losses: fc
    .record({
      stage: fc.string(),
      lines: fc.array(
        fc.record({
          step: fc.nat(),
          task: fc.string(),
          losses: fc.record({ diff: number, route: number, holder: number }, { requiredKeys: [] }),
          gradientNorm: number,
          learningRate: number,
        }),
      ),
    })
    .map((losses) => JSON.parse(JSON.stringify(losses))),
}

describe('a value comes back from a pack as it went', () => {
  test.each(types)('%s', async (type) => {
    await fc.assert(
      fc.asyncProperty(valuesOf[type]!, async (value) => {
        expect(await runPackNode(packs, `echo/${type}`, { inputs: { value } })).toEqual({ value })
      }),
      { numRuns: 40 },
    )
  })

  test.each(types)('lists of %s', async (type) => {
    await fc.assert(
      fc.asyncProperty(fc.array(valuesOf[type]!, { maxLength: 4 }), async (values) => {
        expect(await runPackNode(packs, `echo/${type}-list`, { inputs: { values } })).toEqual({ values })
      }),
      { numRuns: 10 },
    )
  })
})

test('an unlinked input is undefined, an empty one that takes many is an empty array', async () => {
  expect(await runPackNode(packs, 'echo/optional', { inputs: { b: [] } })).toEqual({ given: [['a', 'b'], true, []] })
  expect(await runPackNode(packs, 'echo/optional', { inputs: { a: 1, b: [2, 3] } })).toEqual({
    given: [['a', 'b'], false, [2, 3]],
  })
})

test('params arrive in the types of their kinds', async () => {
  expect(await runPackNode(packs, 'echo/params')).toEqual({
    texts: [
      'number 3',
      'number 0.5',
      'string a',
      'boolean true',
      'string y',
      'bigint 18446744073709551615',
      'object {"a":[1]}',
    ],
  })
})

test('pictures are bytes, latents are floats, seeds are bigint', async () => {
  const image = { width: 1, height: 1, channels: 1, data: Buffer.from([1]) }
  const latent = { channels: 1, height: 1, width: 1, data: Float32Array.of(1) }
  expect(await runPackNode(packs, 'echo/see', { inputs: { image, latent, seed: 1n } })).toEqual({
    kinds: ['Uint8Array', 'Float32Array', 'bigint'],
  })
})

describe("what is no value of its type is the pack's fault", () => {
  const image = `{ width: 2, height: 1, channels: 3, data: new Uint8Array(6) }`
  const text = `{ prompt: 'a', states: { shape: [1, 1, 2], data: new Float32Array(2) }, pooled: { shape: [1, 2], data: new Float32Array(2) } }`
  const reference = `{ slot: 1, task: 'ip', grid: { rows: 1, columns: 2 }, tokens: new Float32Array(4) }`
  const deep = `(() => { let a = []; for (let i = 0; i < 70; i++) a = [a]; return a })()`
  const cases: [type: string, value: string, message: string][] = [
    ['image', `undefined`, 'returned no output "out"'],
    ['image', `null`, 'output "out": expected a value of type image'],
    ['image', `'text'`, 'output "out": expected a value of type image'],
    ['image', `{ ...${image}, width: 3 }`, 'as many bytes, got {"width":3,"height":1,"channels":3}, 6 bytes'],
    ['image', `{ ...${image}, channels: 2 }`, 'expected width, height, 1, 3 or 4 channels'],
    ['image', `{ ...${image}, width: 0, data: new Uint8Array(0) }`, 'expected width'],
    ['image', `{ ...${image}, width: 1.5 }`, 'expected width'],
    ['image', `{ ...${image}, width: '2' }`, 'expected width'],
    ['image', `{ ...${image}, data: [1, 2, 3, 4, 5, 6] }`, 'expected a value of type image'],
    ['mask', image, 'expected width, height, 1 channel'],
    ['latent', `{ channels: 1, height: 1, width: 1, data: new Float64Array(1) }`, 'as many 32-bit floats'],
    ['latent', `{ channels: 1, height: 1, width: 1, extra: 1, data: new Float32Array(1) }`, 'as many 32-bit floats'],
    ['text-embedding', `{ ...${text}, prompt: 7 }`, 'expected prompt'],
    ['text-embedding', `{ ...${text}, pooled: { shape: [1, 3], data: new Float32Array(2) } }`, 'expected prompt'],
    ['reference', `{ ...${reference}, slot: 10 }`, 'expected slot'],
    ['reference', `{ ...${reference}, tokens: new Float32Array(3) }`, 'expected slot'],
    ['conditions', `{ text: ${text}, references: [{ ...${reference}, task: 'any' }] }`, 'expected text, references'],
    ['conditions', `{ text: ${text}, references: Array(20).fill(${reference}) }`, 'expected text, references'],
    ['losses', `{ stage: 'a', lines: [{ step: 1 }] }`, 'expected stage and lines'],
    ['int', `1.5`, 'expected a value of type int, got 1.5'],
    ['int', `2 ** 60`, 'expected a value of type int'],
    ['float', `NaN`, 'expected a value of type float'],
    ['boolean', `'yes'`, 'expected a value of type boolean'],
    ['seed', `-1n`, 'expected a value of type seed'],
    ['text', `5`, 'expected a value of type text'],
    ['json', deep, 'expected JSON of at most 64 levels'],
    ['json', `() => 1`, 'expected a value of type json'],
    ['json', `1n`, 'expected a value of type json'],
  ]
  const source = `const node = (index, out, run) => ({ type: 'wrong/case' + index, version: 1, title: 'Wrong', outputs: { out }, run })
    export default [
      ${cases.map(([type, value], index) => `node(${index}, { type: '${type}' }, () => ({ out: ${value} }))`).join(',\n')},
      node('-list', { type: 'int', list: true }, () => ({ out: 1 })),
    ]`
  let wrong: OpenedPacks
  beforeAll(async () => {
    wrong = await place.open([await place.write('wrong', source)])
  })

  test.each(cases.map((entry, index) => [...entry, index] as const))(
    '%s: %s',
    async (_type, _value, message, index) => {
      await expect(runPackNode(wrong, `wrong/case${index}`)).rejects.toMatchObject({
        code: 'nodes/pack-failed',
        message: expect.stringContaining(message),
      })
    },
  )

  test('a list that is none', async () => {
    await expect(runPackNode(wrong, 'wrong/case-list')).rejects.toThrow('output "out": expected an array of int')
  })
})
