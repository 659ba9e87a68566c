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
  /** Whether its folder already holds a part of it. */
  readonly hasBegun: boolean
}

export interface TrainingHooks {
  readonly signal: AbortSignal
  readonly onStep: (report: StageReport) => void
}

/** Opens the model and checks that all fits: model, memory, and what the folder holds of earlier runs. */
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
  const hasBegun = await checkRunFolder(file.out, record)
  const job = adapterJob({
    base: model,
    config,
    data,
    textTokens,
    placeholders,
    ...(placeholderRows && { placeholderRows }),
  })
  const runtime = await bench.runtime()
  const memory = await trainingMemory(job, { config, weights, runtime })
  assertMemory(memory)
  return { file, job, runtime, memory, record, hasBegun }
}

/** Trains to the end and returns the path of the adapter's file. Throws what trainStage throws. */
export async function runTraining({ file, job, runtime, record }: Training, hooks: TrainingHooks): Promise<string> {
  const { config, out: folder, format, weights } = file
  const { rank, alpha = rank } = config
  const start = file.start && (await adapterStart(file.start, job.model, { scale: alpha / rank }))
  await claimRunFolder(folder, record)
  return trainAdapter({ job, runtime, config, folder, format, weights, ...(start && { start }), ...hooks })
}
