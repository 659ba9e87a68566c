import { describe, expect, it } from 'vitest'
import { parseTrainFile, readTrainFile, readTrainingData } from './train-file.js'

const stages = [{ name: 'all', steps: 10, mixture: { subject: 1 } }]
const good = { model: 'flux', data: { manifest: 'pictures' }, out: '../runs/first', stages }
const at = '/data/train.json'

describe('a training file', () => {
  it('starts paths at its own folder, and fills in what pictures are brought to', () => {
    expect(parseTrainFile(good, at)).toMatchObject({
      model: 'flux',
      modelFolder: '/data/flux',
      out: '/runs/first',
      data: { manifest: '/data/pictures/manifest.jsonl', image: { width: 512, height: 512 } },
      format: 'dreamo',
      placeholders: 'learn',
      textTokens: 512,
      config: { rank: 128, stages: [{ name: 'all', steps: 10 }] },
    })
    expect(parseTrainFile({ ...good, data: { manifest: 'my.jsonl' } }, at).data).toMatchObject({
      manifest: '/data/my.jsonl',
    })
  })

  it('may have LoRA fused into the weights while it learns', () => {
    expect(parseTrainFile(good, at).config.loraMode).toBe('branches')
    expect(parseTrainFile({ ...good, loraMode: 'fused' }, at).config.loraMode).toBe('fused')
    expect(() => parseTrainFile({ ...good, loraMode: 'melted' }, at)).toThrow(/loraMode: .*got "melted"/)
  })

  it('may name the picture world, at one difficulty or knob by knob', () => {
    const world = (difficulty: unknown) => parseTrainFile({ ...good, data: { world: { difficulty } } }, at).data
    expect(world(0.5)).toMatchObject({ world: { seed: 0n, difficulty: { shift: 0.5, tilt: 0.5 } } })
    const knobs = { shift: 1, scale: 0, flip: 0, tilt: 0, style: 0 }
    expect(world(knobs)).toMatchObject({ world: { difficulty: knobs, samples: 10_000 } })
  })

  it.each<[string, object, RegExp]>([
    ['no model', { model: undefined }, /train\.json, model: .*, got nothing/],
    ['no data', { data: undefined }, /train\.json, data: .*, got nothing/],
    [
      'a side that is no whole token',
      { data: { manifest: 'a', image: { width: 100, height: 64 } } },
      /data\.image\.width/,
    ],
    ['both kinds of data', { data: { manifest: 'a', world: {} } }, /data: .*manifest/],
    [
      'a difficulty of words',
      { data: { world: { difficulty: 'hard' } } },
      /data\.world\.difficulty: expected a number/,
    ],
    ['an unknown field', { optimiser: {} }, /top level: .*optimiser/],
    ['a stage without steps', { stages: [{ name: 'a', mixture: { subject: 1 } }] }, /stages\.0\.steps/],
    ['an unknown format', { format: 'onnx' }, /format: .*got "onnx"/],
  ])('with %s is refused by path', (_, change, message) => {
    expect(() => parseTrainFile({ ...good, ...change }, at)).toThrow(message)
  })

  it('tells of all faults at once', () => {
    const faults = () => parseTrainFile({ ...good, out: '', stages: [], seed: -1 }, at)
    expect(faults).toThrow(/out: .*\n.*seed: .*\n.*stages: /)
  })

  it('that cannot be read, or is no object, says so', async () => {
    await expect(readTrainFile('/nowhere/train.json')).rejects.toMatchObject({ code: 'train/config-invalid' })
    expect(() => parseTrainFile([], at)).toThrow(/expected an object, got \[\]/)
  })

  it('whose mixture the data cannot serve is refused before a model is opened', async () => {
    const world = parseTrainFile({ ...good, data: { world: {} }, stages: [{ ...stages[0], mixture: { dogs: 1 } }] }, at)
    await expect(readTrainingData(world)).rejects.toThrow(/stage all, mixture: .*"dogs"/)
    await expect(readTrainingData(parseTrainFile(good, at))).rejects.toMatchObject({ code: 'train/manifest-invalid' })
  })
})
