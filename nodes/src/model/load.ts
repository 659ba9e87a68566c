import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { quantizeParam } from './quantize.js'

/** Opens a model by its registered name or from its folder. */
export const modelLoad = defineNode({
  type: 'model/load',
  version: 1,
  title: 'Load model',
  description:
    'Opens a model folder in the layout of FLUX.1-dev (transformer, vae, text_encoder, text_encoder_2, tokenizer, ' +
    'tokenizer_2, scheduler), or a registered one by name. Weights stay where they are and are checked before anything runs.',
  params: {
    model: p.text({
      title: 'Name or folder',
      placeholder: 'FLUX.1-dev',
      description: 'A name that was registered with `dreamgraph models add`, or the path of a folder.',
    }),
    quantize: quantizeParam(),
  },
  outputs: { model: socket.model() },
  resource: 'io',
  volatile: true,
  async run({ params, ctx, services }) {
    const quantize = params.quantize === 'none' ? undefined : params.quantize
    const options = { signal: ctx.signal, onProgress: ctx.progress, quantize }
    return { model: await services.models.open(params.model, options) }
  },
})
