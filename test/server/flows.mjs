// The jobs that are run while everything around them is killed, and what of them may be computed once only.

/**
 * Types whose results are kept in memory only, as their runs never wait: a worker that dies takes them with it, and they are
 * computed again in no time. Nodes that look at the world say so in the catalogue.
 */
const quick = new Set(['value/int-range', 'latent/noise', 'dreamo/pack-conditions'])

/** True for nodes of which a finished run must never be followed by another of the same content. */
export const isKept = ({ type, effect }, catalogue) =>
  !effect && !quick.has(type) && !catalogue.get(type).volatile && !catalogue.get(type).effect

const link = (from, to) => {
  const [at, out] = from.split('.')
  const [into, socket] = to.split('.')
  return { from: { node: at, socket: out }, to: { node: into, socket } }
}

/** Resizes that take some time, two files of the same name, four items of a mapped node, each then written. */
export function pictureFlow(file, side) {
  const resize = (width) => ({ type: 'image/resize', params: { width, height: width, filter: 'lanczos' } })
  return {
    dreamgraph: 2,
    name: `pictures of ${side}`,
    outputs: { small: { type: 'image', from: { node: 'small', socket: 'image' } } },
    nodes: {
      load: { type: 'image/load', params: { file } },
      large: resize(2000 + side),
      larger: resize(2400 + side),
      small: resize(100 + side),
      first: { type: 'image/save' },
      widths: { type: 'value/int-range', params: { start: 40 + side, count: 4, step: 1 } },
      each: { type: 'image/resize', params: { height: 1500, filter: 'lanczos' } },
      small2: resize(60 + side),
      items: { type: 'image/save', params: { name: 'item' } },
      second: { type: 'image/save' },
    },
    links: [
      link('load.image', 'large.image'),
      link('large.image', 'larger.image'),
      link('larger.image', 'small.image'),
      link('large.image', 'first.image'),
      link('small.image', 'each.image'),
      { from: { node: 'widths', socket: 'values' }, to: { node: 'each', socket: 'width' } },
      link('each.image', 'items.image'),
      link('small.image', 'small2.image'),
      link('small2.image', 'second.image'),
    ],
  }
}

/** Submissions by number; every third paints with the small model. `effects`: files by the node that writes them. */
export function jobOf(number, file) {
  if (number % 3 === 2) {
    return {
      submission: { name: 'templates/mini', inputs: { seed: `${number}`, steps: 4 }, retryLimit: 20, priority: 2 },
      effects: { save: 1 },
      values: 1,
    }
  }
  return {
    submission: { workflow: pictureFlow(file, number), retryLimit: 20, priority: number % 4 },
    effects: { first: 1, items: 4, second: 1 },
    values: 1,
  }
}
