// CLIP cases: the residual stream, the last state and the pooled row.
import { join } from 'node:path'
import {
  clipPoolPosition,
  clipTokenTable,
  encodeClip,
  openComponent,
  parametersOf,
  Sessions,
  tokenTable,
} from '@dreamgraph/dreamo'
import { input } from '@dreamgraph/onnx'
import type { Runtime } from '@dreamgraph/runtime'
import type { GoldenCase } from '../case-folder.js'
import { type Computed, collector } from '../computed.js'

export async function runClipCase(golden: GoldenCase, runtime: Runtime): Promise<Computed> {
  return runClipIds(join(golden.dir, 'weights', 'text_encoder'), golden.tensor('input_ids'), runtime)
}

/** Runs ids [B, L] with every named inner tensor. */
export async function runClipIds(
  path: string,
  ids: { readonly shape: readonly number[]; readonly data: Float32Array },
  runtime: Runtime,
): Promise<Computed> {
  const { config, weights } = await openComponent('clip', path)
  const [batch, length] = ids.shape
  const shape = [batch, length, config.hiddenSize]
  const { outputs, probe } = collector()
  outputs.last_hidden_state = encodeClip(parametersOf(weights), config, input('tokens', shape), probe)
  // hidden_0 is after the position embedding; an input may not be an output under its own name.
  const data = await tokenTable([weights.get(clipTokenTable)!]).lookup([...ids.data])
  const session = await new Sessions(runtime).of('golden CLIP', outputs)
  const results = await session.run({ tokens: { dtype: 'float32', shape, data } })
  const computed: Computed = new Map(
    Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]),
  )
  const last = results.last_hidden_state.data as Float32Array
  computed.set(
    'pooler_output',
    Array.from({ length: batch }, (_, i) => {
      const at = clipPoolPosition(config, [...ids.data.subarray(i * length, (i + 1) * length)])
      return [...last.subarray((i * length + at) * config.hiddenSize, (i * length + at + 1) * config.hiddenSize)]
    }).flat(),
  )
  return computed
}
