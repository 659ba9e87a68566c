// Switches, one for each type: only the chosen side is computed.
import { type Node, p, type Socket } from '@dreamgraph/graph'
import { defineNode, type Services } from '../services.js'
import { socket } from '../sockets.js'

/** Chooses between two values of one type by a yes or no; what hangs on the other side alone does not run. */
function switchOf<T>(name: string, title: string, of: Socket<T>) {
  const side = of as Socket<unknown>
  return defineNode({
    type: `switch/${name}`,
    version: 1,
    title,
    description: 'Passes one of two values on. What only the other side needs does not run.',
    inputs: { onTrue: side({ lazy: true }), onFalse: side({ lazy: true }) },
    params: { condition: p.boolean({ title: 'Condition', default: true }) },
    outputs: { value: side() },
    run: async ({ inputs, params }) => ({ value: await (params.condition ? inputs.onTrue() : inputs.onFalse()) }),
  })
}

export const switches: readonly Node<Services>[] = [
  switchOf('image', 'Switch images', socket.image),
  switchOf('text', 'Switch texts', socket.text),
  switchOf('latent', 'Switch latents', socket.latent),
  switchOf('int', 'Switch integers', socket.int),
  switchOf('float', 'Switch numbers', socket.float),
]
