import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Opens a model from single checkpoint files. */
export const modelLoadFiles = defineNode({
  type: 'model/load-files',
  version: 1,
  title: 'Load model from files',
  description:
    'Opens a model from its parts: diffusers folders or the original single files (flux1-dev.safetensors, ae.safetensors, ' +
    'clip_l.safetensors, t5xxl_fp16.safetensors, fp8 as well). Parts left empty come from the folder.',
  params: {
    folder: p.text({ title: 'Folder', default: '', description: 'A model folder for all parts that are not given.' }),
    transformer: p.text({ title: 'Transformer', default: '' }),
    vae: p.text({ title: 'Autoencoder', default: '' }),
    textEncoder: p.text({ title: 'CLIP', default: '' }),
    textEncoder2: p.text({ title: 'T5', default: '' }),
    tokenizer: p.text({ title: 'CLIP tokenizer folder', default: '' }),
    tokenizer2: p.text({ title: 'T5 tokenizer folder', default: '' }),
    scheduler: p.text({ title: 'Scheduler folder', default: '', description: 'Empty: the schedule of FLUX.1-dev.' }),
  },
  outputs: { model: socket.model() },
  resource: 'io',
  volatile: true,
  async run({ params: { folder, ...parts }, ctx, services }) {
    const resolve = (path: string): Promise<string> => services.files.resolveInput(path)
    const given = Object.entries(parts).filter(([, path]) => path !== '')
    const resolved = await Promise.all(given.map(async ([part, path]) => [part, await resolve(path)] as const))
    const options = { signal: ctx.signal, onProgress: ctx.progress }
    const base = folder === '' ? undefined : await resolve(folder)
    return { model: await services.models.openFiles(base, Object.fromEntries(resolved), options) }
  },
})
