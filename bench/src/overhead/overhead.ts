// What engine and server add to the work of the nodes, on a picture of the mini model with another seed.
import type { Bench, Figure } from '../figure.js'
import { inWorker } from '../worker.js'
import type { Overhead, OverheadOptions, OverheadResult } from './times.js'

const rounds = 9

export const overhead: Bench = {
  name: 'overhead',
  title: 'A picture of the mini flow with another seed: what passes outside of its nodes',
  async run() {
    const url = new URL('./times.js', import.meta.url)
    const { program, server } = await inWorker<OverheadOptions, OverheadResult>(url, { rounds })
    const figure = (what: string, { wallMs, outsideMs }: Overhead): Figure => ({
      ...{ what, value: outsideMs, unit: 'ms' },
      ...{ yardstick: { name: 'the whole run', value: wallMs }, goal: { timesBetter: 100 } },
    })
    return {
      setting: [
        `${rounds} rounds, after two. Nodes that ran: in the program ${program.ran.join(', ')}; by the server ${server.ran.join(', ')}.`,
        'By the server: from submission until the client knows the end, over HTTP and its WebSocket, each event stored.',
      ],
      figures: [figure('in a program', program), figure('by a server', server)],
    }
  },
}
