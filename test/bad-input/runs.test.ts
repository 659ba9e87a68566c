// Flows and models that are whole each, and still cannot run together: references, presets, memory, devices, tensors.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from '@dreamgraph/graph'
import { type WorkbenchOptions, writeRandomModel } from '@dreamgraph/nodes'
import { add, emit, graph, input, weight } from '@dreamgraph/onnx'
import { type Feeds, type ModelSource, openRuntime, type RuntimeOptions } from '@dreamgraph/runtime'
import { afterAll, beforeAll } from 'vitest'
import { type FlowNodes, flow, textToPicture } from './flow.js'
import type { Place } from './place.js'
import { png } from './png.js'
import { type BadInput, testBadInputs } from './table.js'

let model = ''
beforeAll(async () => {
  model = await mkdtemp(join(tmpdir(), 'bad-input-runs-'))
  await writeRandomModel(model, { seed: 2n })
})
afterAll(() => rm(model, { recursive: true, force: true }))

/** References in these slots, packed with a prompt; `lora` is what brings DreamO's embeddings. */
const references = (name: string, code: string, says: string, slots: readonly number[], sampled = false): BadInput => ({
  name,
  attempt: async (place) => {
    await place.put('cat.png', png(16, 16))
    const nodes: Record<string, readonly [string, JsonObject?]> = {
      model: ['model/load', { model }],
      cat: ['image/load', { file: 'cat.png' }],
      text: ['dreamo/encode-text', { text: 'a cat', maxTokens: 8 }],
      pack: ['dreamo/pack-conditions'],
    }
    const links = ['model.model > text.model', 'text.text > pack.text']
    slots.forEach((slot, i) => {
      nodes[`r${i}`] = ['dreamo/encode-reference', { slot, resolution: 16 }]
      links.push(`model.model > r${i}.model`, `cat.image > r${i}.image`, `r${i}.reference > pack.references`)
    })
    if (sampled) {
      nodes.noise = ['latent/noise', { width: 16, height: 16 }]
      nodes.sample = ['dreamo/sample', { steps: 1 }]
      links.push('model.model > sample.model', 'pack.conditions > sample.conditions', 'noise.latent > sample.noise')
    }
    return place.run(flow(nodes, links))
  },
  code,
  says,
})

const bench = (name: string, code: string, says: string, options: WorkbenchOptions): BadInput => ({
  name,
  attempt: (place) => place.run(textToPicture(model), { bench: options }),
  code,
  says,
})

const nodes = (
  name: string,
  code: string,
  says: string,
  make: (place: Place) => Promise<[FlowNodes, string[]]>,
): BadInput => ({
  name,
  attempt: async (place) => place.run(flow(...(await make(place)))),
  code,
  says,
})

const x = input('x', [1, 2])
const adder = (file: string): ModelSource => ({
  name: 'adder',
  bytes: emit(graph('adder', { y: add(x, weight('w', 'float32', [2], [{ file, offset: 0, sizeBytes: 8 }])) })),
  weightBytes: 8,
  peakActivationBytes: 100,
})
const good: Feeds = { x: { dtype: 'float32', shape: [1, 2], data: new Float32Array(2) } }

interface Call {
  readonly feeds?: Feeds
  readonly outputs?: readonly string[]
  readonly weights?: Uint8Array | 'absent'
  readonly source?: Partial<ModelSource>
  readonly runtime?: RuntimeOptions
}

/** y = x + w on the runtime itself, below all nodes. */
const call = (
  name: string,
  code: string,
  says: string,
  { feeds = good, outputs, weights = new Uint8Array(8), ...more }: Call,
): BadInput => ({
  name,
  attempt: async (place) => {
    const file = weights === 'absent' ? join(place.in, 'w') : await place.put('w', weights)
    const runtime = await openRuntime({ device: 'cpu', threads: 1, ...more.runtime })
    try {
      await runtime.session({ ...adder(file), ...more.source }).run(feeds, { outputs })
    } finally {
      await runtime.close()
    }
  },
  code,
  says,
})

testBadInputs([
  references('references without DreamO', 'dreamo/embeddings-missing', 'dreamo', [1], true),
  references('two references in one slot', 'dreamo/reference-slot-taken', 'slot 2', [2, 2]),
  references('ten references', 'dreamo/reference-too-many', 'got 10', [1, 2, 3, 4, 5, 6, 7, 8, 9, 9]),
  references('a reference in slot 0', 'check/param-range', 'from 1 to 9', [0]),
  nodes(
    'a preset whose files are elsewhere',
    'nodes/preset-files-missing',
    'DreamO/dreamo.safetensors',
    async (place) => {
      const parts = ['transformer', 'vae', 'text_encoder', 'text_encoder_2', 'tokenizer', 'tokenizer_2']
      const names = ['transformer', 'vae', 'textEncoder', 'textEncoder2', 'tokenizer', 'tokenizer2']
      const files = Object.fromEntries(parts.map((part, i) => [names[i]!, join(model, part)]))
      return [
        { files: ['model/load-files', files], preset: ['model/preset', { folder: place.in }] },
        ['files.model > preset.model'],
      ]
    },
  ),
  nodes('a mask of another size than its reference', 'dreamo/mask-invalid', '16', async (place) => {
    await place.put('cat.png', png(16, 16))
    await place.put('dog.png', png(32, 32))
    return [
      {
        model: ['model/load', { model }],
        cat: ['image/load', { file: 'cat.png' }],
        dog: ['image/load', { file: 'dog.png' }],
        node: ['dreamo/encode-reference'],
      },
      ['model.model > node.model', 'cat.image > node.image', 'dog.mask > node.mask'],
    ]
  }),
  nodes('a picture narrower than a latent', 'dreamo/size-invalid', '4', async (place) => {
    await place.put('cat.png', png(4, 64))
    return [
      { model: ['model/load', { model }], cat: ['image/load', { file: 'cat.png' }], node: ['vae/encode'] },
      ['model.model > node.model', 'cat.image > node.image'],
    ]
  }),
  nodes('latents of half a token for noise', 'dreamo/size-invalid', '1', async (place) => {
    await place.put('cat.png', png(8, 64))
    return [
      {
        model: ['model/load', { model }],
        cat: ['image/load', { file: 'cat.png' }],
        text: ['dreamo/encode-text', { text: 'a cat', maxTokens: 8 }],
        pack: ['dreamo/pack-conditions'],
        noise: ['vae/encode'],
        sample: ['dreamo/sample', { steps: 1 }],
      },
      [
        'model.model > text.model',
        'model.model > noise.model',
        'model.model > sample.model',
        'cat.image > noise.image',
        'text.text > pack.text',
        'pack.conditions > sample.conditions',
        'noise.latent > sample.noise',
      ],
    ]
  }),
  nodes('an identity reference narrower than a token', 'dreamo/size-invalid', '8', async (place) => {
    await place.put('cat.png', png(8, 64))
    return [
      {
        model: ['model/load', { model }],
        cat: ['image/load', { file: 'cat.png' }],
        node: ['dreamo/encode-reference', { task: 'id' }],
      },
      ['model.model > node.model', 'cat.image > node.image'],
    ]
  }),
  bench('more memory than the limit', 'runtime/not-enough-memory', 'GiB', { memoryLimitBytes: 1000 }),
  bench('a device that does not exist', 'runtime/option-invalid', 'tpu', { device: 'tpu' as never }),
  bench('no threads', 'runtime/option-invalid', 'threads', { threads: 0 }),
  bench('a memory limit below zero', 'runtime/option-invalid', 'memoryLimitBytes', { memoryLimitBytes: -1 }),

  call('a feed of another dtype', 'runtime/feed-dtype', 'float32', {
    feeds: { x: { dtype: 'int64', shape: [1, 2], data: new BigInt64Array(2) } },
  }),
  call('a feed in another array', 'runtime/feed-dtype', 'Float64Array', {
    feeds: { x: { dtype: 'float32', shape: [1, 2], data: new Float64Array(2) as never } },
  }),
  call('a feed of another shape', 'runtime/feed-shape', '[1,2]', {
    feeds: { x: { dtype: 'float32', shape: [2, 1], data: new Float32Array(2) } },
  }),
  call('a feed shorter than its shape', 'runtime/feed-shape', 'got 1', {
    feeds: { x: { dtype: 'float32', shape: [1, 2], data: new Float32Array(1) } },
  }),
  call('a feed that the model lacks', 'runtime/feed-unknown', '"z"', { feeds: { ...good, z: good.x! } }),
  call('no feed', 'runtime/feed-missing', 'x', { feeds: {} }),
  call('an output that the model lacks', 'runtime/output-unknown', '"z"', { outputs: ['z'] }),
  call('weights that are not there', 'runtime/weights-missing', 'adder', { weights: 'absent' }),
  call('weights cut off', 'runtime/weights-truncated', 'adder', { weights: new Uint8Array(4) }),
  call('bytes that are no model', 'runtime/model-rejected', 'adder', {
    source: { bytes: new TextEncoder().encode('a model') },
  }),
  call('a run over the limit', 'runtime/not-enough-memory', 'adder', { runtime: { memoryLimitBytes: 50 } }),
])
