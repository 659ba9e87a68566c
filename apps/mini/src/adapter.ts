// Trains an adapter on the mini model's base, in the stages of a config: for the model itself, and for each ablation.
import { join } from 'node:path'
import { type Model, modelFiles, openModel, parametersOf } from '@dreamgraph/dreamo'
import type { Runtime } from '@dreamgraph/runtime'
import { adapterModel, adapterStart, clipInGraph, type StageReport, type TrainConfig, train } from '@dreamgraph/train'
import type { Captions } from './captions.js'
import { type DataHooks, readDataFiles, type TrainingSamples } from './data-files.js'
import { openCaptions } from './model-folder.js'
import { writeQualityData } from './quality-data.js'
import { qualityRequest, worldRequest } from './recipe.js'
import { referencesSource } from './sources.js'
import { writeWorldData } from './world-data.js'

export interface AdapterGround {
  readonly runtime: Runtime
  readonly base: Model
  readonly captions: Captions
  readonly world: TrainingSamples
  /** Pictures that the base has made itself. */
  readonly quality: TrainingSamples
}

/** Opens the base in `folder/model` and the data in `folder/data`, and makes what of the data is not there yet. */
export async function openGround(
  runtime: Runtime,
  folder: string,
  { share, ...hooks }: { readonly share: number } & DataHooks,
): Promise<AdapterGround> {
  const model = join(folder, 'model')
  const base = await openModel(await modelFiles(model), runtime)
  const [world, quality] = [worldRequest(folder), qualityRequest(folder, share)]
  await writeWorldData(runtime, base.vae, world, hooks)
  await writeQualityData(base, quality, hooks)
  return {
    runtime,
    base,
    captions: await openCaptions(model),
    world: await readDataFiles(world),
    quality: await readDataFiles(quality),
  }
}

/** Trains what is not yet trained in `folder`; the running means of what was learnt. */
export async function trainAdapterOn(
  { runtime, base, captions, world, quality }: AdapterGround,
  options: {
    readonly config: TrainConfig
    readonly folder: string
    readonly learnIndex?: boolean
    /** LoRA file to go on from. */
    readonly startFile?: string
    readonly signal?: AbortSignal
    readonly onStep: (report: StageReport) => void
  },
): Promise<ReadonlyMap<string, Float32Array>> {
  const { config, folder, learnIndex, startFile, ...hooks } = options
  const { rank, seed } = config
  const learning = adapterModel(base.transformer, {
    rank,
    alpha: rank,
    seed,
    t5: base.t5,
    loraMode: 'fused', // not in the config, or it would disown the checkpoints that it has
    learnIndex,
  })
  const model = { ...learning, clip: clipInGraph(parametersOf(base.clip.weights), base.clip.config) }
  const { averages } = await train({
    runtime,
    config,
    model,
    source: (stage) => referencesSource(stage.referenceDropRate > 0 ? quality : world, captions, stage),
    folder,
    weights: 'packed',
    ...(startFile && { start: await adapterStart(startFile, model, { scale: 1 }) }),
    ...hooks,
  })
  return averages
}
