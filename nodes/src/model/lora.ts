import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Adds a LoRA to a model. */
export const modelLora = defineNode({
  type: 'model/lora',
  version: 1,
  title: 'Add LoRA',
  description:
    'Adds a LoRA: a file in the form of diffusers, PEFT, kohya, XLabs (DreamO) or ComfyUI. One that was made for another ' +
    'model is refused. The embeddings in dreamo.safetensors come with it.',
  inputs: { model: socket.model() },
  params: {
    file: p.file({ title: 'File', extensions: ['safetensors'] }),
    weight: p.float({
      title: 'Weight',
      default: 1,
      min: -10,
      max: 10,
      step: 0.05,
      description: '1 is as trained; negative is away from it.',
    }),
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
