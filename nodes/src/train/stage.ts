import { p } from '@dreamgraph/graph'
import { adapterJob, readLosses, trainStage as runStage, stageIdentity, writeAdapter } from '@dreamgraph/train'
import { digestJson } from '../model-lock.js'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { describeLosses } from './describe-losses.js'
import { stageConfig } from './stage-config.js'
import { fileOf, parametersOf, placeholderRowsOf } from './values.js'

const rate = (title: string, value: number, description: string) =>
  p.float({ title, default: value, min: 0, max: 1, step: 0.05, description })
const lambda = (title: string) => p.float({ title, default: 1, min: 0, max: 1e6, description: 'λ of this loss.' })
const count = (title: string, value: number, description: string) =>
  p.int({ title, default: value, min: 1, max: 10_000_000, description })

/** Trains an adapter on a model for some steps. */
export const trainStage = defineNode({
  type: 'train/stage',
  version: 1,
  title: 'Training stage',
  description:
    'Trains an adapter (LoRA and DreamO’s embeddings) on a model, with the losses of the paper. Stages follow one another: ' +
    'wire the adapter of one into the next. A stage that was cancelled goes on from its last checkpoint; one that is ' +
    'finished is not trained again.',
  inputs: {
    model: socket.model({ description: 'A base without LoRA.' }),
    dataset: socket.dataset(),
    start: socket.adapter({ optional: true, description: 'Of the stage before. Without it a new adapter begins.' }),
  },
  params: {
    name: p.text({ title: 'Name', default: 'stage', description: 'Lower-case letters, digits and dashes.' }),
    steps: count('Steps', 1000, 'Updates of the adapter.'),
    learningRate: p.float({ title: 'Learning rate', default: 4e-5, min: 1e-9, max: 1, description: 'As DreamO’s.' }),
    warmupSteps: p.int({ title: 'Warm-up', default: 100, min: 0, description: 'Steps until the rate is full.' }),
    decay: p.choice(['constant', 'cosine'], { title: 'Rate after that', default: 'constant' }),
    mixture: p.json({
      title: 'Mixture',
      default: {},
      description: 'How often each task is drawn, such as {"subject": 2, "style": 1}. Empty: all tasks of the dataset.',
    }),
    batch: count('Batch', 1, 'Samples of a micro-batch.'),
    accumulate: count('Micro-batches', 1, 'Of a step: their gradients are averaged.'),
    diff: lambda('Weight of flow matching'),
    route: lambda('Weight of routing'),
    holder: lambda('Weight of placeholders'),
    captionDropRate: rate('Captions dropped', 0.1, 'Share of micro-batches without captions.'),
    plainCaptionRate: rate('Captions without placeholders', 0.5, 'Share of micro-batches whose captions name none.'),
    referenceDropRate: rate('Reference tokens dropped', 0, 'High in a quality stage, which must not copy.'),
    emaDecay: p.float({ title: 'Running mean', default: 0.999, min: 0, max: 0.999999, description: '0 keeps none.' }),
    rank: count('Rank', 128, 'Of a new adapter; one that goes on keeps its own.'),
    loraMode: p.choice(['branches', 'fused'], {
      title: 'LoRA as',
      default: 'branches',
      description:
        'branches: beside the weights; its cost grows with the rank. fused: added to the weights in each step, as fast at any ' +
        'rank; takes the memory of a gradient of each whole weight. What is learnt is the same but for rounding.',
    }),
    seed: p.seed({ title: 'Seed', default: 0n }),
    routing: p.choice(['raw', 'minmax', 'softmax', 'softmax-full'], {
      title: 'Routing loss',
      default: 'raw',
      description: 'How attention is measured: raw as the paper prints it; gradients of softmax are much smaller.',
    }),
    placeholders: p.choice(['learn', 'keep'], {
      title: 'Placeholder words',
      default: 'learn',
      description: 'learn: T5 is part of each step. keep: for a T5 that is too large for that.',
    }),
    textTokens: p.int({
      title: 'Text tokens',
      default: 512,
      min: 1,
      max: 4096,
      description: 'Length of captions: as many as pictures will be made with.',
    }),
    checkpointEvery: count('Checkpoint every', 250, 'Steps that may be lost when the process is killed.'),
    recompute: p.boolean({
      title: 'Compute again',
      default: false,
      description: 'Blocks once more on the way back: for when memory is short.',
    }),
  },
  outputs: { adapter: socket.adapter(), losses: socket.losses() },
  resource: 'gpu',
  async run({ inputs: { model, dataset, start }, params, ctx, services }) {
    const { textTokens, placeholders } = params
    const config = stageConfig(params, dataset.data, start)
    const stageIndex = config.stages.length - 1
    const stage = config.stages[stageIndex]!
    const job = adapterJob({
      base: model.model,
      config,
      data: dataset.data,
      textTokens,
      placeholders,
      ...(start && { placeholderRows: await placeholderRowsOf(start) }),
    })
    // All that the result hangs on, so that a cancelled stage finds its checkpoints and another one never does.
    const parts = [model.digest, dataset.digest, start?.digest, stageIdentity(config, stageIndex), stage.steps]
    const key = digestJson([...parts, textTokens, placeholders])
    const folder = await services.work.folder(key)
    const { averages } = await runStage({
      runtime: await services.work.runtime(),
      config,
      stageIndex,
      model: job.model,
      source: job.source(stage),
      folder,
      ...(start && { start: await parametersOf(start) }),
      signal: ctx.signal,
      onStep(report) {
        ctx.progress(report.step, report.steps, describeLosses(report.losses))
        ctx.preview({ kind: 'training-step', ...report })
      },
    })
    const path = fileOf({ folder })
    await writeAdapter(path, job.learnt(averages), 'dreamo')
    // The file holds the running means; the parameters behind them hang on the same inputs as the folder's name does.
    const digest = digestJson([key, await services.files.digest(path, { signal: ctx.signal })])
    return { adapter: { digest, folder, config }, losses: { stage: stage.name, lines: await readLosses(folder) } }
  },
})
