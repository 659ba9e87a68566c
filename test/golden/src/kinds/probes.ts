// Probe cases: tiny nets in which a wrong epsilon or the wrong GELU is far beyond the tolerance.
import { join } from 'node:path'
import { openComponent, t5TokenTable } from '@dreamgraph/dreamo'
import type { Runtime, TensorData } from '@dreamgraph/runtime'
import type { GoldenCase } from '../case-folder.js'
import type { Computed } from '../computed.js'
import { runClipIds } from './clip.js'
import { readCall, runTransformer } from './flux.js'
import { runT5Ids } from './t5.js'
import { decode, encode } from './vae.js'

export async function runProbes(golden: GoldenCase, runtime: Runtime): Promise<Computed> {
  const weights = (name: string): string => join(golden.dir, 'weights', name)
  const floats = (name: string): TensorData => ({ dtype: 'float32', ...golden.tensor(name) })
  const { timestep, guidance } = golden.params.flux
  const call = { ...readCall(golden, 'flux_'), timestep: [timestep], guidance: [guidance] }
  const computed: Computed = new Map()
  for (const [name, folder] of [
    ['flux_output', 'transformer'],
    ['flux_act_output', 'transformer_act'],
  ]) {
    const outputs = await runTransformer(await openComponent('transformer', weights(folder)), runtime, call)
    computed.set(name, outputs.get('output')!)
  }
  const vae = await openComponent('vae', weights('vae'))
  computed.set('vae_moments', (await encode(vae, runtime, floats('vae_image'))).moments)
  computed.set('vae_decoded', (await decode(vae, runtime, floats('vae_latent'))).decoded)
  const clip = await runClipIds(weights('text_encoder'), golden.tensor('clip_ids'), runtime)
  computed.set('clip_pooled', clip.get('pooler_output')!)
  computed.set('clip_last', clip.get('last_hidden_state')!)
  const t5 = await openComponent('t5', weights('text_encoder_2'))
  const table = [t5.weights.get(t5TokenTable)!]
  const states = await runT5Ids(weights('text_encoder_2'), golden.tensor('t5_ids'), table, runtime)
  computed.set('t5_last', states.get('last_hidden_state')!)
  return computed
}
