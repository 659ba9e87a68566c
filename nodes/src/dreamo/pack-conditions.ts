import { lintPrompt, orderReferences } from '@dreamgraph/dreamo'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Brings text and references together, in slot order, and says where they do not fit each other. */
export const dreamoPackConditions = defineNode({
  type: 'dreamo/pack-conditions',
  version: 1,
  title: 'Pack conditions',
  description:
    'Joins the prompt, an optional negative prompt for true CFG, and up to nine references into what steers the sampler. ' +
    'Findings, such as a [ref#2] without a second reference, are shown on the node.',
  inputs: {
    text: socket.textEmbedding(),
    negative: socket.textEmbedding({ optional: true }),
    references: socket.reference({ optional: true, many: true }),
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
