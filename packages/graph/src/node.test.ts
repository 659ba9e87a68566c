import { describe, expect, expectTypeOf, it } from 'vitest'
import { catalogue } from './catalogue.js'
import { describeCatalogue } from './describe.js'
import { defineNode, nodeDefiner } from './node.js'
import { p } from './param.js'
import { primitiveSockets, sockets } from './port.js'
import { intType } from './primitives.js'
import { socketType } from './socket-type.js'

interface Picture {
  readonly width: number
  readonly bytes: Uint8Array
}

const pictureType = socketType<Picture>({
  name: 'picture',
  title: 'Picture',
  color: '#123456',
  encode: ({ width, bytes }) => ({ json: { width }, blobs: [bytes] }),
  decode: ({ json, blobs }) => ({ width: (json as { width: number }).width, bytes: blobs[0]! }),
})
const socket = { ...primitiveSockets, ...sockets({ picture: pictureType }) }

describe('defineNode', () => {
  it('[N1] infers inputs, params and services of run', () => {
    const define = nodeDefiner<{ readonly folder: string }>()
    const node = define({
      type: 'test/all',
      version: 1,
      title: 'All',
      inputs: {
        one: socket.picture(),
        maybe: socket.picture({ optional: true }),
        many: socket.picture({ many: true }),
        whole: socket.int({ list: true }),
        later: socket.text({ lazy: true }),
      },
      params: { count: p.int({ default: 1 }), mode: p.choice(['fit', 'fill'], { default: 'fit' }), seed: p.seed() },
      outputs: { picture: socket.picture(), sizes: socket.int({ list: true }) },
      run({ inputs, params, services }) {
        expectTypeOf(inputs.one).toEqualTypeOf<Picture>()
        expectTypeOf(inputs.maybe).toEqualTypeOf<Picture | undefined>()
        expectTypeOf(inputs.many).toEqualTypeOf<Picture[]>()
        expectTypeOf(inputs.whole).toEqualTypeOf<number[]>()
        expectTypeOf(inputs.later).toEqualTypeOf<() => Promise<string>>()
        expectTypeOf(params.count).toEqualTypeOf<number>()
        expectTypeOf(params.mode).toEqualTypeOf<'fit' | 'fill'>()
        expectTypeOf(params.seed).toEqualTypeOf<bigint>()
        expectTypeOf(services.folder).toEqualTypeOf<string>()
        return { picture: inputs.one, sizes: [1] }
      },
    })
    expectTypeOf(node.run).returns.resolves.toEqualTypeOf<{ picture: Picture; sizes: number[] }>()
    const mixed = catalogue([node, defineNode({ type: 'test/none', version: 1, title: 'None', run: () => ({}) })])
    expect(mixed.find('test/none')?.category).toBe('test')
  })

  it('[N2] refuses wrong outputs at compile time', () => {
    const head = { type: 'test/bad', version: 1, title: 'Bad', outputs: { size: socket.int() } } as const
    // @ts-expect-error: an output is missing
    defineNode({ ...head, run: () => ({}) })
    // @ts-expect-error: an output has the wrong type
    defineNode({ ...head, run: () => ({ size: 'large' }) })
    // @ts-expect-error: an output is not declared
    defineNode({ ...head, run: () => ({ size: 1, extra: 2 }) })
    // @ts-expect-error: the same, later
    defineNode({ ...head, run: async () => ({ size: 1, extra: 2 }) })
    defineNode({ ...head, run: async () => ({ size: 1 }) })
  })

  it('[N3] refuses names that clash or cannot be written', () => {
    const inputs = { a: socket.int() }
    expect(() => defineNode({ type: 'flat', version: 1, title: '', run: () => ({}) })).toThrow('internal: node type')
    expect(() =>
      defineNode({ type: 'a/b', version: 1, title: '', inputs, params: { a: p.int() }, run: () => ({}) }),
    ).toThrow('both an input and a param')
    const node = defineNode({ type: 'a/b', version: 1, title: '', aliases: ['a/old'], run: () => ({}) })
    const other = defineNode({ type: 'a/old', version: 1, title: '', run: () => ({}) })
    expect(() => catalogue([node, other])).toThrow('internal: two nodes are named "a/old"')
  })

  it('[N4] describes itself as JSON', () => {
    const node = defineNode({
      type: 'test/resize',
      version: 2,
      title: 'Resize',
      inputs: { picture: socket.picture(), maskPicture: socket.picture({ optional: true, title: 'Mask' }) },
      params: { size: p.int({ default: 8, min: 1, max: 64 }), seed: p.seed({ default: 2n ** 63n }) },
      outputs: { picture: socket.picture() },
      run: ({ inputs }) => ({ picture: inputs.picture }),
    })
    const description = describeCatalogue(catalogue([node]))
    expect(JSON.parse(JSON.stringify(description))).toEqual(description)
    expect(description.socketTypes.at(-1)).toEqual({
      name: 'picture',
      title: 'Picture',
      color: '#123456',
      acceptsFrom: [],
      givable: false,
    })
    expect(description.nodes[0]?.params).toEqual([
      {
        name: 'size',
        kind: 'int',
        type: 'int',
        title: 'Size',
        description: '',
        default: 8,
        options: { min: 1, max: 64 },
      },
      {
        name: 'seed',
        kind: 'seed',
        type: 'seed',
        title: 'Seed',
        description: '',
        default: '9223372036854775808',
        options: {},
      },
    ])
    expect(description.nodes[0]?.inputs[1]?.title).toBe('Mask')
    expect(node.bypass).toEqual({ picture: 'picture' })
  })
})

describe('params', () => {
  it('[N5] reads only what its rule allows', () => {
    expect(p.int({ min: 1, max: 3 }).read(2)).toEqual({ value: 2 })
    expect(p.int({ min: 1, max: 3 }).read(4)).toEqual({ fault: 'range', rule: 'an integer from 1 to 3' })
    expect(p.int().read(1.5)).toMatchObject({ fault: 'type' })
    expect(p.float().read(Number.NaN)).toMatchObject({ fault: 'type' })
    expect(p.choice(['a', 'b']).read('c')).toMatchObject({ fault: 'range', rule: 'one of "a", "b"' })
    expect(p.seed().read('18446744073709551615')).toEqual({ value: 2n ** 64n - 1n })
    for (const bad of ['18446744073709551616', '-1', '1.0', '01', '', 2 ** 53, -1, 1.5]) {
      expect(p.seed().read(bad)).toMatchObject({ fault: 'type' })
    }
    expect(p.file().read('')).toMatchObject({ fault: 'type' })
  })

  it('[S3] digests differ by content, and only by it', () => {
    const bytes = new Uint8Array([1, 2])
    const digest = pictureType.digest({ width: 1, bytes })
    expect(pictureType.digest({ width: 1, bytes: new Uint8Array([1, 2]) })).toBe(digest)
    expect(pictureType.digest({ width: 2, bytes })).not.toBe(digest)
    expect(intType.digest(1)).not.toBe(intType.digest(2))
    expect(pictureType.sizeBytes({ width: 1, bytes: new Uint8Array(1000) })).toBeGreaterThan(999)
  })
})
