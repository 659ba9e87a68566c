import { p } from '@dreamgraph/graph'
import { writeFileAtomic } from '@dreamgraph/store'
import { printLosses } from '@dreamgraph/train'
import { fileStem } from '../image/picture-name.js'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Writes the losses of one stage, or of several one after another, as CSV. */
export const trainSaveLosses = defineNode({
  type: 'train/save-losses',
  version: 1,
  title: 'Save losses',
  description:
    'Writes losses as a table (CSV) into the output folder, over an older one of the same name: a line for each step and ' +
    'task, with the name of its stage. The editor draws it as curves.',
  inputs: { losses: socket.losses({ many: true }) },
  params: { name: p.text({ title: 'Name', default: 'losses', maxLength: 2000, description: 'Without extension.' }) },
  resource: 'io',
  effect: true,
  async run({ inputs: { losses }, params, services }) {
    const path = await services.files.resolveOutput(`${fileStem(params.name)}.csv`)
    await writeFileAtomic(path, printLosses(losses))
    services.files.onWritten({ path, kind: 'losses' })
    return {}
  },
})
