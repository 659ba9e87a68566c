import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Adds a LoRA to a model. */
export const modelLora = defineNode({
  type: 'model/lora',
  version: 1,
  title: 'Add LoRA',
  description:
    'Adds a LoRA in diffusers, PEFT, kohya, DreamO (xlabs) or ComfyUI form. A file that does not fit the model is an ' +
    'error that names the keys. Embeddings that the file brings, as dreamo.safetensors does, come with it.',
  inputs: { model: socket.model() },
  params: {
    file: p.file({ title: 'File', extensions: ['safetensors'] }),
    weight: p.float({ title: 'Weight', default: 1, min: -10, max: 10, step: 0.05 }),
  },
  outputs: { model: socket.model() },
  resource: 'io',
  volatile: true,
  async run({ inputs, params, ctx, services }) {
    const path = await services.files.resolveInput(params.file)
    const loras = [{ path, weight: params.weight }]
    return {
      model: await services.models.addLoras(inputs.model, loras, { signal: ctx.signal, onProgress: ctx.progress }),
    }
  },
})
