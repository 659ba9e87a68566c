import { lintPrompt, orderReferences } from '@dreamgraph/dreamo'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Brings text and references together, in slot order, and says where they do not fit each other. */
export const dreamoPackConditions = defineNode({
  type: 'dreamo/pack-conditions',
  version: 1,
  title: 'Pack conditions',
  description:
    'Joins prompt and references into what steers the sampler, and warns where they do not fit each other: a [ref#2] ' +
    'without a second reference, two references and no word for either.',
  inputs: {
    text: socket.textEmbedding({ description: 'What the picture shows.' }),
    negative: socket.textEmbedding({
      optional: true,
      description: 'What it should not show. Used by the sampler where true CFG is above 1.',
    }),
    references: socket.reference({
      optional: true,
      many: true,
      description: 'Up to nine, each in a slot of its own; the order of the links does not matter.',
    }),
  },
  outputs: { conditions: socket.conditions() },
  run({ inputs: { text, negative, references }, ctx }) {
    const ordered = orderReferences(references)
    const findings = lintPrompt(text.prompt, ordered)
    if (findings.length > 0) ctx.preview({ kind: 'prompt-findings', findings })
    const tokens = ordered.map(({ slot, grid }) => ({ slot, ...grid, tokens: grid.rows * grid.columns }))
    ctx.preview({ kind: 'tokens', text: text.states.shape[1], references: tokens })
    return { conditions: { text, ...(negative ? { negative } : {}), references: ordered } }
  },
})
