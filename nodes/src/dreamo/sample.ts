import { denoise, packLatents, unpackLatents } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { NodesError } from '../errors.js'
import { checkLatent } from '../latent/check-latent.js'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Denoises noise into a latent under text and references. */
export const dreamoSample = defineNode({
  type: 'dreamo/sample',
  version: 1,
  title: 'DreamO sample',
  description: 'Runs the transformer step by step (FlowMatch Euler) from noise to the latents of a picture.',
  inputs: { model: socket.model(), conditions: socket.conditions(), noise: socket.latent() },
  params: {
    steps: p.int({ title: 'Steps', default: 12, min: 1, max: 1000 }),
    guidance: p.float({ title: 'Guidance', default: 4.5, min: 0, max: 100, step: 0.1 }),
    firstStepGuidance: p.float({
      title: 'First step guidance',
      default: 0,
      min: 0,
      max: 100,
      step: 0.1,
      description: '0: the same as guidance.',
    }),
    trueCfg: p.float({
      title: 'True CFG',
      default: 1,
      min: 1,
      max: 100,
      step: 0.1,
      description: 'Above 1 the negative prompt is run as well, in the steps from start to end.',
    }),
    trueCfgStart: p.int({ title: 'True CFG start', default: 0, min: 0, max: 1000 }),
    trueCfgEnd: p.int({
      title: 'True CFG end',
      default: 1000,
      min: 0,
      max: 1000,
      description: 'First step without it.',
    }),
    negativeGuidance: p.float({ title: 'Negative guidance', default: 3.5, min: 0, max: 100, step: 0.1 }),
  },
  outputs: { latent: socket.latent() },
  resource: 'gpu',
  async run({ inputs: { model, conditions, noise }, params, ctx }) {
    checkLatent(noise, model.model, 'noise')
    const { channels, height, width } = noise
    const shape = { batch: 1, channels, height, width }
    const { text, negative, references } = conditions
    if (params.trueCfg > 1 && !negative) {
      const rule = 'a negative prompt on Pack conditions, even an empty one,'
      throw new NodesError('nodes/negative-missing', `true CFG ${params.trueCfg}: expected ${rule} got none`)
    }
    const packed = await denoise(model.model, {
      noise: packLatents(noise.data, shape),
      grid: { rows: height / 2, columns: width / 2 },
      text,
      references,
      steps: params.steps,
      guidance: params.guidance,
      firstStepGuidance: params.firstStepGuidance || undefined,
      trueCfg: negative && {
        negative,
        scale: params.trueCfg,
        startStep: params.trueCfgStart,
        endStep: params.trueCfgEnd,
        guidance: params.negativeGuidance,
      },
      signal: ctx.signal,
      onStep({ step, steps, latents, sigma }) {
        ctx.progress(step, steps, 'steps')
        const data = unpackLatents(latents, shape)
        ctx.preview({ kind: 'latent', step, sigma, latent: { channels, height, width, data } })
      },
    })
    return { latent: { channels, height, width, data: unpackLatents(packed, shape) } }
  },
})
