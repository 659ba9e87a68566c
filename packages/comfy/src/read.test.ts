import { describe, expect, it } from 'vitest'
import { ComfyError } from './errors.js'
import type { ComfyObject } from './exact-json.js'
import { readComfy } from './read.js'
import { fixture } from './testing/fixture.js'

const problemsOf = (value: unknown) => {
  try {
    readComfy(value)
  } catch (error) {
    if (error instanceof ComfyError) return error.problems.map(({ code, path }) => `${code} ${path}`)
    throw error
  }
  return []
}

describe('readComfy', () => {
  it('tells a prompt from a workflow file, also inside the body of a request', () => {
    const prompt = fixture('flux-ksampler')
    expect(readComfy(prompt).kind).toBe('prompt')
    expect(readComfy({ prompt, client_id: 'c' }).kind).toBe('prompt')
    expect(readComfy(fixture('dreamo-v1')).kind).toBe('ui')
    expect(readComfy({ workflow: fixture('flux-custom-sampler') }).kind).toBe('ui')
  })

  it('refuses what is neither, and says what it is', () => {
    for (const value of [null, 1, 'x', [], {}, { nodes: {} }, { a: { inputs: {} } }]) {
      expect(problemsOf(value)).toEqual(['comfy/not-comfy '])
    }
    expect(() => readComfy({ dreamgraph: 2, nodes: {} })).toThrow('got "a dreamgraph document"')
  })

  it('lists every fault with its path', () => {
    expect(
      problemsOf({ '1': { class_type: 'A' }, 'a/b': { inputs: {} }, '3': { class_type: 'B', inputs: [] }, '4': 1 }),
    ).toEqual(['comfy/shape /3/inputs', 'comfy/shape /4', 'comfy/shape /a~1b/class_type'])
    const node = { id: 1, type: 'Note' }
    expect(
      problemsOf({ nodes: [node, { ...node, id: 1.5, mode: 'x' }, { id: 3 }], links: [[1, 2], { id: 1 }] }),
    ).toEqual([
      'comfy/shape /nodes/1/id',
      'comfy/shape /nodes/1/mode',
      'comfy/shape /nodes/2/type',
      'comfy/shape /links/0',
      'comfy/shape /links/1',
    ])
    expect(problemsOf({ nodes: [node, node] })).toEqual(['comfy/shape /nodes/1/id'])
    const definitions = { subgraphs: [{ id: 's', nodes: [{ id: {} }] }] }
    expect(problemsOf({ workflow: { nodes: [], definitions } })).toContain(
      'comfy/shape /workflow/definitions/subgraphs/0/nodes/0/id',
    )
  })

  it('bounds what it reads', () => {
    const nested = { a: {} as ComfyObject }
    nested.a = nested
    expect(problemsOf(nested)).toEqual(['comfy/too-large '])
    const nodes = Object.fromEntries(Array.from({ length: 10_001 }, (_, id) => [id, { class_type: 'A' }]))
    expect(problemsOf(nodes)).toEqual(['comfy/too-large '])
  })

  it('keeps no secrets, by name, by shape or by place', () => {
    const token = 'hf_ThisIsNoRealTokenButLooksLikeOne00'
    const read = readComfy({
      '1': { class_type: 'DreamOLoadModel', inputs: { hf_token: 'anything', api_key: 'k' } },
      '2': { class_type: 'X', inputs: { note: `use ${token}, please`, max_tokens: 5 } },
    })
    expect(read.kind === 'prompt' && read.prompt).toMatchObject({
      '1': { inputs: { hf_token: '', api_key: '' } },
      '2': { inputs: { note: 'use , please', max_tokens: 5 } },
    })
    const file = fixture('dreamo-pipe')
    const [loader] = file.nodes as ComfyObject[]
    loader!.widgets_values = ['secret without a shape', ...(loader!.widgets_values as string[]).slice(1)]
    const { ui } = readComfy(file) as { ui: object }
    const text = JSON.stringify(ui, (_, value) => {
      return value instanceof Map ? [...value] : typeof value === 'bigint' ? `${value}` : value
    })
    expect(text).toContain('flux-turbo.safetensors')
    expect(text).not.toContain('secret')
  })

  it('reads nodes called __proto__ and constructor as plain data', () => {
    const value = JSON.parse('{"__proto__": {"class_type": "A"}, "constructor": {"class_type": 1}}')
    expect(problemsOf(value)).toEqual(['comfy/shape /constructor/class_type'])
    const { prompt } = readComfy(JSON.parse('{"__proto__": {"class_type": "constructor"}}')) as { prompt: object }
    expect(Object.keys(prompt)).toEqual(['__proto__'])
  })

  it('writes the paths of Windows with slashes, texts as they are', () => {
    const { prompt } = readComfy({
      '1': { class_type: 'UNETLoader', inputs: { unet_name: 'FLUX1\\dev.safetensors' } },
      '2': { class_type: 'CLIPTextEncode', inputs: { text: 'a \\(b\\)' } },
    }) as { prompt: object }
    expect(prompt).toMatchObject({
      '1': { inputs: { unet_name: 'FLUX1/dev.safetensors' } },
      '2': { inputs: { text: 'a \\(b\\)' } },
    })
  })
})
