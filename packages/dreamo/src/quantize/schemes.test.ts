import type { WeightView } from '@dreamgraph/weights'
import { expect, test } from 'vitest'
import { layerForm, type QuantizeScheme } from './schemes.js'

const view = (shape: readonly number[], dtype: WeightView['dtype'] = 'BF16'): WeightView => ({
  ...{ name: 'w', dtype, shape },
  parts: [],
})

const formOf = (module: string, scheme: QuantizeScheme | undefined, of = view([64, 192])): unknown =>
  layerForm(module, of, { scheme, isFused: false })

test.each([
  ['transformer_blocks.3.attn.to_q', 4, 32],
  ['transformer_blocks.3.attn.to_v', 8, 64],
  ['transformer_blocks.18.attn.add_v_proj', 8, 64],
  ['transformer_blocks.3.ff_context.net.0.proj', 4, 32],
  ['single_transformer_blocks.37.attn.to_v', 8, 64],
  ['single_transformer_blocks.37.proj_out', 4, 32],
])('int4-block: %s in %i bits and blocks of %i', (module, bits, block) => {
  expect(formOf(module, 'int4-block')).toEqual({ kind: 'blocks', bits, block, copied: false })
})

test.each(['transformer_blocks.3.norm1.linear', 'x_embedder', 'proj_out', 'transformer_blocks.3.attn.norm_q'])(
  '%s keeps its precision under every scheme',
  (module) => {
    expect(formOf(module, 'int8')).toBeUndefined()
    expect(formOf(module, 'int4-block')).toBeUndefined()
  },
)

test('a row that no block divides keeps its precision; blocks of a file keep their bits or take 8', () => {
  const module = 'transformer_blocks.3.attn.to_v'
  expect(formOf(module, 'int4-block', view([64, 200]))).toBeUndefined()
  const [q4, q4k] = (['Q4_0', 'Q4_K'] as const).map((dtype) => formOf(module, undefined, view([64, 256], dtype)))
  expect(q4).toEqual({ kind: 'blocks', bits: 4, block: 32, copied: true })
  expect(q4k).toEqual({ kind: 'blocks', bits: 8, block: 32, copied: false })
})
