import { defaultTextTokens, encodeText, findPlaceholders } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Encodes a prompt with T5 and CLIP. */
export const dreamoEncodeText = defineNode({
  type: 'dreamo/encode-text',
  version: 1,
  title: 'Encode text',
  description:
    'Turns a prompt into what the sampler follows. Write [ref#1] to [ref#9] behind the words for a reference: "a cat ' +
    '[ref#1] on a sofa". With a style reference, begin with "generate a same style image."',
  inputs: { model: socket.model({ description: 'With DreamO in it, if the prompt is to know [ref#n].' }) },
  params: {
    text: p.text({
      title: 'Prompt',
      default: '',
      placeholder: 'a cat [ref#1] on a sofa',
      multiline: true,
      maxLength: 20_000,
    }),
    maxTokens: p.int({
      title: 'T5 tokens',
      default: defaultTextTokens,
      min: 1,
      max: 512,
      description: 'Padding counts: FLUX.1-dev attends to all 512, and fewer give another picture.',
    }),
  },
  outputs: { text: socket.textEmbedding({ description: 'For Pack conditions, as its text or its negative.' }) },
  resource: 'gpu',
  async run({ inputs, params, ctx }) {
    const { text, maxTokens } = params
    const { tokenizer } = inputs.model.model.t5
    const tokens = tokenizer.count(text)
    ctx.preview({ kind: 'prompt-tokens', tokens, maxTokens })
    const findings: { kind: string; severity: 'warning'; message: string }[] = []
    if (tokens > maxTokens) {
      const message = `prompt: expected at most ${maxTokens} tokens, got ${tokens}; what is beyond is cut off`
      findings.push({ kind: 'prompt-cut', severity: 'warning', message })
    }
    const [placeholder] = findPlaceholders(text)
    if (placeholder && tokenizer.placeholderIds.size === 0) {
      const rule = `a model with DreamO in it, from a preset, for ${placeholder.token}`
      const message = `prompt: expected ${rule}, got one that reads it as letters`
      findings.push({ kind: 'placeholder-unknown', severity: 'warning', message })
    }
    if (findings.length > 0) ctx.preview({ kind: 'prompt-findings', findings })
    return { text: await encodeText(inputs.model.model, text, { maxTokens, signal: ctx.signal }) }
  },
})
