// T5 cases: buckets, position bias, residual stream, and DreamO's placeholder rows behind the vocabulary.
import { join } from 'node:path'
import {
  encodeT5,
  openComponent,
  parametersOf,
  relativeBucket,
  Sessions,
  t5TokenTable,
  tokenTable,
} from '@dreamgraph/dreamo'
import { input } from '@dreamgraph/onnx'
import type { Runtime } from '@dreamgraph/runtime'
import { openSafetensors, rows, type WeightView } from '@dreamgraph/weights'
import type { GoldenCase, GoldenTensor } from '../case-folder.js'
import { type Computed, collector } from '../computed.js'

export async function runT5Case(golden: GoldenCase, runtime: Runtime): Promise<Computed> {
  const path = join(golden.dir, 'weights', 'text_encoder_2')
  const { config, weights } = await openComponent('t5', path)
  const table = weights.get(t5TokenTable)!
  const { tensors } = await openSafetensors(join(golden.dir, 'weights', 'dreamo.safetensors'))
  const stored = [...tensors].find(([name]) => name.includes('t5_embedding'))![1]
  const resized = [rows(table, 0, golden.params.tokenizer_len), rows(stored, stored.shape[0] - 10, stored.shape[0])]
  const computed: Computed = new Map()
  computed.set(
    'buckets',
    Array.from(golden.tensor('distances').data, (distance) => relativeBucket(distance, config)),
  )
  const allIds = Array.from({ length: golden.params.tokenizer_len + 10 }, (_, id) => id)
  computed.set('resized_embedding', await tokenTable(resized).lookup(allIds))
  for (const [call, blocks] of [
    ['plain', [table]],
    ['long', [table]],
    ['ref', resized],
  ] as const) {
    const results = await runT5Ids(path, golden.tensor(`${call}_ids`), blocks, runtime)
    for (const [name, values] of results) computed.set(`${call}_${name}`, values)
  }
  return computed
}

/** Runs ids [B, L] with every named inner tensor. */
export async function runT5Ids(
  path: string,
  ids: GoldenTensor,
  blocks: readonly WeightView[],
  runtime: Runtime,
): Promise<Computed> {
  const { config, weights } = await openComponent('t5', path)
  const shape = [...ids.shape, config.hiddenSize]
  const { outputs, probe } = collector()
  outputs.last_hidden_state = encodeT5(parametersOf(weights), config, input('tokens', shape), probe)
  const data = await tokenTable(blocks).lookup([...ids.data])
  const session = await new Sessions(runtime).of('golden T5', outputs)
  const results = await session.run({ tokens: { dtype: 'float32', shape, data } })
  return new Map(Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]))
}
