import { describe, expect, it } from 'vitest'
import type { ComfyJson, ComfyObject } from './exact-json.js'
import { readComfy } from './read.js'
import { type FixtureName, fixture } from './testing/fixture.js'
import { promptOf, toPrompt } from './to-prompt.js'

const uiOf = (value: unknown) => {
  const file = readComfy(value)
  if (file.kind !== 'ui') throw new Error('internal: no workflow file')
  return file.ui
}
const prompted = (name: FixtureName) => toPrompt(uiOf(fixture(name)))

/** One node with widget values, and what becomes of them. */
const named = (type: string, widgets_values: ComfyJson, more: object = {}) => {
  const { prompt, remarks } = promptOf(uiOf({ nodes: [{ id: 1, type, widgets_values, ...more }] }))
  return { inputs: prompt['1']!.inputs, doubts: remarks.map(({ why }) => why) }
}

describe('toPrompt', () => {
  it('names the widgets of known classes and keeps links', () => {
    expect(prompted('dreamo-v1.1')['31']).toEqual({
      class_type: 'KSampler',
      inputs: {
        seed: 11980469406460273604n,
        steps: 12,
        cfg: 1,
        sampler_name: 'euler',
        scheduler: 'simple',
        denoise: 1,
        model: ['50', 0],
        positive: ['35', 0],
        negative: ['33', 0],
        latent_image: ['27', 0],
      },
      _meta: { title: 'KSampler' },
    })
    expect(prompted('dreamo-v1.1')['38']!.inputs).toEqual({
      unet_name: 'FLUX1/flux1-dev-fp8.safetensors',
      weight_dtype: 'fp8_e4m3fn',
    })
  })

  it('RefEncode with the task alone gets no other field’s value', () => {
    expect(prompted('dreamo-v1')['55']!.inputs).toEqual({
      resolution: 512,
      ref_task: 'ip',
      pixels: ['52', 0],
      vae: ['40', 0],
      dreamo_processor: ['46', 0],
    })
  })

  it('keeps the slots of ApplyDreamO', () => {
    const { model, ...refs } = prompted('dreamo-two-conditions')['50']!.inputs
    expect(refs).toEqual({ ref1: ['55', 0], ref2: ['54', 0] })
    expect(model).toEqual(['45', 0])
  })

  it('empties hf_token', () => {
    expect(prompted('dreamo-pipe')['1']!.inputs).toMatchObject({ hf_token: '', cpu_offload: true, int8: true })
    expect(prompted('dreamo-pipe')['6']!.inputs).toMatchObject({
      ref_task1: 'id',
      seed: 18446744073709551615n,
      ref_task2: 'ip',
    })
  })

  it('reads version 1: subgraph, primitive, reroute, bypass, mute', () => {
    const prompt = prompted('flux-custom-sampler')
    expect(Object.keys(prompt).sort()).toEqual(
      ['10', '11', '12', '16', '17', '19', '20:26', '20:6', '22', '25', '27', '30', '8', '9'].sort(),
    )
    expect(prompt['20:6']!.inputs).toEqual({ text: 'a lighthouse in a storm', clip: ['11', 0] })
    expect(prompt['22']!.inputs).toEqual({ model: ['30', 0], conditioning: ['20:26', 0] })
    expect(prompt['30']!.inputs).toMatchObject({ model: ['12', 0], width: 1216 })
    expect(prompt['27']!.inputs).toEqual({ width: 1216, height: 832, batch_size: 1 })
  })

  it('remarks on what no prompt can say', () => {
    const { remarks } = promptOf(uiOf(fixture('flux-custom-sampler')))
    expect(Object.fromEntries(remarks.map(({ node, what, why }) => [node, `${what}: ${why}`.trim()]))).toEqual({
      13: 'link: it is bypassed',
      14: 'link:',
      20: 'nodes: the subgraph is unfolded',
      25: 'its fields: ComfyUI changes the seed after each run (increment); here it stays, --input seed=random draws one',
      28: 'nothing: it is muted, so what needs it does not run either',
      29: 'note:',
      34: 'value: written into the inputs that it feeds',
    })
  })
})

describe('widget values', () => {
  it('with names come first, as a list of names or as an object', () => {
    const values = { seed: 5, steps: 3 }
    expect(named('KSampler', [1, 'fixed', 20], { widgets_values_named: values }).inputs).toEqual(values)
    expect(named('KSampler', values).inputs).toEqual(values)
  })

  it('that do not fit are left out, and the ones behind them stay in place', () => {
    expect(named('KSampler', [1, 'randomize', 'oops', 1, 'euler', 'simple', 1])).toEqual({
      inputs: { seed: 1, steps: 20, cfg: 1, sampler_name: 'euler', scheduler: 'simple', denoise: 1 },
      doubts: [
        'steps was saved as "oops", taken as 20',
        'ComfyUI changes the seed after each run (randomize); here it stays, --input seed=random draws one',
      ],
    })
    expect(named('DualCLIPLoader', ['a', 'b', 'flux'])).toEqual({
      inputs: { clip_name1: 'a', clip_name2: 'b', type: 'flux' },
      doubts: [],
    })
    expect(named('LoadImage', ['a.png', 'image', 7]).doubts).toEqual([
      '1 more widget values than LoadImage has here are left out',
    ])
  })

  it('of unknown classes are named where the file names them', () => {
    const inputs = [
      { name: 'strength', type: 'FLOAT', widget: { name: 'strength' } },
      { name: 'model', type: 'MODEL' },
    ]
    expect(named('Unknown', [0.5], { inputs }).inputs).toEqual({ strength: 0.5 })
    expect(named('Unknown', [0.5])).toEqual({ inputs: {}, doubts: [] })
  })

  it('of a subgraph may be set from outside', () => {
    const file = fixture('flux-custom-sampler')
    const use = (file.nodes as ComfyObject[]).find(({ id }) => id === 20)!
    use.properties = {
      proxyWidgets: [
        ['6', 'text'],
        ['26', 'guidance'],
      ],
    }
    use.widgets_values = ['outer', 2.5]
    const prompt = toPrompt(uiOf(file))
    expect(prompt['20:6']!.inputs.text).toBe('outer')
    expect(prompt['20:26']!.inputs.guidance).toBe(2.5)
  })

  it('lists are wrapped, so that no one takes them for links', () => {
    expect(named('Unknown', { sizes: ['1', 2] }).inputs).toEqual({ sizes: { __value__: ['1', 2] } })
  })
})

describe('odd files', () => {
  it('subgraphs that use themselves are refused', () => {
    const nodes = [{ id: 1, type: 's' }]
    const subgraph = { id: 's', name: 'S', inputNode: { id: -10 }, outputNode: { id: -20 }, nodes }
    expect(() => toPrompt(uiOf({ nodes, definitions: { subgraphs: [subgraph] } }))).toThrow('S in itself')
  })

  it('reroutes in a circle and links to nowhere feed nothing', () => {
    const reroute = (id: number, link: number) => ({ id, type: 'Reroute', inputs: [{ name: '', type: '*', link }] })
    const preview = { id: 3, type: 'PreviewImage', inputs: [{ name: 'images', type: 'IMAGE', link: 3 }] }
    const other = { id: 4, type: 'PreviewImage', inputs: [{ name: 'images', type: 'IMAGE', link: 99 }] }
    const links = [
      [1, 2, 0, 1, 0, '*'],
      [2, 1, 0, 2, 0, '*'],
      [3, 2, 0, 3, 0, '*'],
    ]
    const prompt = toPrompt(uiOf({ nodes: [reroute(1, 1), reroute(2, 2), preview, other], links }))
    expect(Object.values(prompt).map(({ inputs }) => inputs)).toEqual([{}, {}])
  })
})
