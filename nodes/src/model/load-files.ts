import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { quantizeParam } from './quantize.js'

/** Opens a model from single checkpoint files. */
export const modelLoadFiles = defineNode({
  type: 'model/load-files',
  version: 1,
  title: 'Load model from files',
  description:
    'Opens a model from its parts: diffusers folders or the original single files (flux1-dev.safetensors, ae.safetensors, ' +
    'clip_l.safetensors, t5xxl_fp16.safetensors), also in fp8, the transformer also as GGUF. Parts left empty come from the folder.',
  params: {
    folder: p.text({ title: 'Folder', default: '', description: 'A model folder for all parts that are not given.' }),
    transformer: p.text({ title: 'Transformer', default: '', placeholder: 'flux1-dev.safetensors' }),
    vae: p.text({ title: 'Autoencoder', default: '', placeholder: 'ae.safetensors' }),
    textEncoder: p.text({ title: 'CLIP', default: '', placeholder: 'clip_l.safetensors' }),
    textEncoder2: p.text({ title: 'T5', default: '', placeholder: 't5xxl_fp16.safetensors' }),
    tokenizer: p.text({
      title: 'CLIP tokenizer',
      default: '',
      description: 'tokenizer/ of FLUX.1-dev: single files do not hold it.',
    }),
    tokenizer2: p.text({
      title: 'T5 tokenizer',
      default: '',
      description: 'tokenizer_2/ of FLUX.1-dev: single files do not hold it.',
    }),
    scheduler: p.text({
      title: 'Scheduler',
      default: '',
      description:
        'scheduler/ of the model. Without one, the schedule of FLUX.1-dev, or of FLUX.1-schnell where guidance is not embedded.',
    }),
    quantize: quantizeParam(),
  },
  outputs: { model: socket.model() },
  resource: 'io',
  volatile: true,
  async run({ params: { folder, quantize, ...parts }, ctx, services }) {
    const resolve = (path: string): Promise<string> => services.files.resolveInput(path)
    const given = Object.entries(parts).filter(([, path]) => path !== '')
    const resolved = await Promise.all(given.map(async ([part, path]) => [part, await resolve(path)] as const))
    const options = {
      signal: ctx.signal,
      onProgress: ctx.progress,
      quantize: quantize === 'none' ? undefined : quantize,
    }
    const base = folder === '' ? undefined : await resolve(folder)
    return { model: await services.models.openFiles(base, Object.fromEntries(resolved), options) }
  },
})
