import {
  denoise,
  meanMaps,
  packLatents,
  type RoutingMap,
  routingMaps,
  runningWeights,
  unpackLatents,
} from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { NodesError } from '../errors.js'
import { checkLatent } from '../latent/check-latent.js'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { checkConditions } from './check-conditions.js'
import { routingOf } from './routing.js'
import { stepPreviews } from './step-previews.js'

/** Denoises noise into a latent under text and references. */
export const dreamoSample = defineNode({
  type: 'dreamo/sample',
  version: 1,
  title: 'DreamO sample',
  description: 'Paints: turns noise into the latents of a picture, step by step, after the prompt and the references.',
  inputs: {
    model: socket.model({ description: 'With DreamO in it where there are references: from DreamO preset.' }),
    conditions: socket.conditions(),
    noise: socket.latent({ description: 'Its size is that of the picture.' }),
  },
  params: {
    steps: p.int({
      title: 'Steps',
      default: 12,
      min: 1,
      max: 1000,
      description: '12 with the turbo LoRA, 25 without. More cost more time and refine less and less.',
    }),
    guidance: p.float({
      title: 'Guidance',
      default: 4.5,
      min: 0,
      max: 100,
      step: 0.1,
      description:
        'How closely to follow the prompt: 4.5 for DreamO v1.1, 3.5 for v1 and FLUX. Lower looks less glossy.',
    }),
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
      description: 'Above 1, steers away from the negative prompt, at up to twice the time of each step it is used in.',
    }),
    trueCfgStart: p.int({
      title: 'True CFG from',
      default: 0,
      min: 0,
      max: 1000,
      description: 'First step that uses it, counted from 0.',
    }),
    trueCfgEnd: p.int({
      title: 'True CFG until',
      default: 1000,
      min: 0,
      max: 1000,
      description: 'First step that does not use it any more.',
    }),
    negativeGuidance: p.float({
      title: 'Negative guidance',
      default: 3.5,
      min: 0,
      max: 100,
      step: 0.1,
      description: 'Guidance while running the negative prompt.',
    }),
    firstBlockCache: p.float({
      title: 'First-block cache',
      default: 0,
      min: 0,
      max: 1,
      step: 0.01,
      description:
        'Above 0: a step whose first block changes by less than this share takes the work of the other blocks from an ' +
        'earlier step: faster and less exact. It pays with many steps; 0.1 to 0.2 is a start.',
    }),
    routingMaps: p.boolean({
      title: 'Routing maps',
      default: false,
      description: 'Keeps where each reference responds in the picture, for Routing mask. A few per cent slower.',
    }),
  },
  outputs: {
    latent: socket.latent({ description: 'For Decode.' }),
    routing: socket.routing({ description: 'Means over all steps; empty unless Routing maps is on.' }),
  },
  resource: 'gpu',
  together: 8,
  async run({ inputs: { model, conditions, noise }, params, ctx }) {
    checkLatent(noise, model.model, 'noise')
    checkConditions(conditions, model.model)
    const { channels, height, width } = noise
    const shape = { batch: 1, channels, height, width }
    const { text, negative, references } = conditions
    if (params.trueCfg > 1 && !negative) {
      const rule = 'a negative prompt on Pack conditions, even an empty one,'
      throw new NodesError('nodes/negative-missing', `true CFG ${params.trueCfg}: expected ${rule} got none`)
    }
    const grid = { rows: height / 2, columns: width / 2 }
    await runningWeights(model.model, { signal: ctx.signal, onProgress: ctx.progress })
    const previews = stepPreviews(model.model, shape, ctx)
    const maps: RoutingMap[][] = []
    const packed = await denoise(model.model, {
      noise: packLatents(noise.data, shape),
      grid,
      text,
      references,
      steps: params.steps,
      firstBlockCache: params.firstBlockCache,
      guidance: params.guidance,
      firstStepGuidance: params.firstStepGuidance || undefined,
      trueCfg: negative && {
        negative,
        scale: params.trueCfg,
        startStep: params.trueCfgStart,
        endStep: params.trueCfgEnd,
        guidance: params.negativeGuidance,
      },
      together: ctx.items > 1,
      signal: ctx.signal,
      wantsResponses: () => params.routingMaps || previews.wantsResponses(),
      async onStep(step) {
        ctx.progress(step.step, step.steps, 'steps')
        if (params.routingMaps && step.responses) maps.push(routingMaps(step.responses))
        await previews.show(step)
      },
    })
    return {
      latent: { channels, height, width, data: unpackLatents(packed, shape) },
      routing: routingOf(grid, maps.length > 0 ? meanMaps(maps) : []),
    }
  },
})
