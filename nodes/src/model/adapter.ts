import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { fileOf } from '../train/values.js'

/** Puts a freshly trained adapter on a model. */
export const modelAdapter = defineNode({
  type: 'model/adapter',
  version: 1,
  title: 'Use adapter',
  description:
    'Puts an adapter on a model as soon as it is trained, embeddings included: the model then takes references. One that ' +
    'was trained on another model is refused.',
  inputs: { model: socket.model(), adapter: socket.adapter() },
  params: {
    weight: p.float({ title: 'Weight', default: 1, min: -10, max: 10, step: 0.05, description: '1 is as trained.' }),
  },
  outputs: { model: socket.model() },
  resource: 'io',
  volatile: true,
  async run({ inputs: { model, adapter }, params, ctx, services }) {
    const loras = [{ path: fileOf(adapter), weight: params.weight }]
    return { model: await services.models.addLoras(model, loras, { signal: ctx.signal, onProgress: ctx.progress }) }
  },
})
