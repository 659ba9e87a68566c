// A training file brought together with the model that it names and its data, on a workbench.
import type { Workbench } from '@dreamgraph/nodes'
import type { Runtime } from '@dreamgraph/runtime'
import {
  type AdapterJob,
  adapterJob,
  adapterStart,
  assertMemory,
  checkRunFolder,
  claimRunFolder,
  digestData,
  type MemoryNeed,
  placeholderRowsIn,
  type RunRecord,
  runProgress,
  type StageProgress,
  type StageReport,
  type TrainFile,
  type TrainingData,
  trainAdapter,
  trainingMemory,
} from '@dreamgraph/train'

export interface Training {
  readonly file: TrainFile
  readonly job: AdapterJob
  readonly runtime: Runtime
  readonly memory: readonly MemoryNeed[]
  readonly record: RunRecord
  /** How far earlier runs of it have come. */
  readonly progress: readonly StageProgress[]
  /** Values that the first stage starts from; absent where they are the model's own. */
  readonly start?: ReadonlyMap<string, Float32Array>
}

export interface TrainingHooks {
  readonly signal: AbortSignal
  readonly onStep: (report: StageReport) => void
}

/** Opens the model and checks that all fits: model, start, and what the folder holds of earlier runs. Not whether memory does. */
export async function openTraining(
  bench: Workbench,
  file: TrainFile,
  { data, signal }: { data: TrainingData; signal: AbortSignal },
): Promise<Training> {
  const { config, textTokens, placeholders, weights, start } = file
  const isRegistered = (await bench.models.list())[file.model] !== undefined
  const { model, digest } = await bench.openModel(isRegistered ? file.model : file.modelFolder, { signal })
  const placeholderRows = start && (await placeholderRowsIn(start))
  const record = {
    model: digest,
    data: await digestData(data, bench.digest),
    textTokens: String(textTokens),
    placeholders,
    start: start ? await bench.digest(start) : 'none',
  }
  await checkRunFolder(file.out, record)
  const progress = await runProgress(file.out, config)
  const job = adapterJob({
    base: model,
    config,
    data,
    textTokens,
    placeholders,
    ...(placeholderRows && { placeholderRows }),
  })
  const runtime = await bench.runtime()
  const { rank, alpha = rank } = config
  const values = start && (await adapterStart(start, job.model, { scale: alpha / rank }))
  const memory = await trainingMemory(job, { config, weights, runtime })
  return { file, job, runtime, memory, record, progress, ...(values && { start: values }) }
}

/** Trains to the end and returns the path of the adapter's file. Throws what assertMemory and trainStage throw. */
export async function runTraining(training: Training, hooks: TrainingHooks): Promise<string> {
  const { file, job, runtime, memory, record, start } = training
  const { config, out: folder, format, weights } = file
  assertMemory(memory)
  await claimRunFolder(folder, record)
  return trainAdapter({ job, runtime, config, folder, format, weights, ...(start && { start }), ...hooks })
}
