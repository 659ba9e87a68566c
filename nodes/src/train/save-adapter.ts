import { p } from '@dreamgraph/graph'
import { adapterFile, writeAdapter } from '@dreamgraph/train'
import { fileStem } from '../image/picture-name.js'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { learntOf } from './values.js'

/** Writes a trained adapter into the output folder. */
export const trainSaveAdapter = defineNode({
  type: 'train/save-adapter',
  version: 1,
  title: 'Save adapter',
  description:
    'Writes a trained adapter into a folder of its own in the output folder, over an older one of the same name: in the ' +
    'keys of DreamO’s release as DreamO/dreamo.safetensors, or in those of diffusers as adapter.safetensors.',
  inputs: { adapter: socket.adapter() },
  params: {
    name: p.text({ title: 'Name', default: 'adapter', maxLength: 2000, description: 'Of the folder.' }),
    format: p.choice(['dreamo', 'diffusers'], { title: 'Format', default: 'dreamo' }),
  },
  resource: 'io',
  effect: true,
  async run({ inputs: { adapter }, params, services }) {
    const path = await services.files.resolveOutput(`${fileStem(params.name)}/${adapterFile[params.format]}`)
    await writeAdapter(path, await learntOf(adapter), params.format)
    services.files.onWritten({ path, kind: 'adapter' })
    return {}
  },
})
