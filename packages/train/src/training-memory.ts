// What the graphs of a run will take, known before the first step because every shape is.
import { fusedAttentionWorks } from '@dreamgraph/dreamo'
import { graph, memoryOf, sizeOf, withoutFusedAttention } from '@dreamgraph/onnx'
import {
  availableMemory,
  formatGiB,
  type Runtime,
  RuntimeError,
  residentWeightBytes,
  runBytes,
  type WeightPlacement,
} from '@dreamgraph/runtime'
import { accumulate } from './accumulate.js'
import type { AdapterJob } from './adapter-job.js'
import type { Bucket } from './batch.js'
import { bucketGraph } from './bucket-graph.js'
import type { TrainConfig } from './train-config.js'

export interface MemoryNeed {
  readonly stage: string
  readonly bucket: string
  /** Estimate: the bucket's graph, with a share of mapped weights, and all state beside it. */
  readonly needBytes: number
}

export interface MemoryOptions {
  readonly config: TrainConfig
  readonly weights?: WeightPlacement
  readonly runtime: Runtime
}

/** The need of each bucket of each stage; the largest must fit. More room lets more of them stay open side by side. */
export async function trainingMemory(
  { model, source }: AdapterJob,
  { config, weights = 'mapped', runtime }: MemoryOptions,
): Promise<MemoryNeed[]> {
  const isFused = await fusedAttentionWorks(runtime, 'float32')
  const parameters = [...model.trainables.values()].reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0)
  const known = new Map<string, number>()
  const needOf = (bucket: Bucket): number => {
    const key = JSON.stringify(bucket)
    const need = known.get(key) ?? graphBytes(bucket)
    known.set(key, need)
    return need
  }
  const graphBytes = (bucket: Bucket): number => {
    const { total, losses } = bucketGraph(model, bucket, config)
    const { outputs } = accumulate(total, model.trainables)
    const built = graph('gradients', { ...outputs, ...losses })
    const memory = { name: '', bytes: new Uint8Array(), ...memoryOf(isFused ? built : withoutFusedAttention(built)) }
    return residentWeightBytes(memory, weights) + runBytes(memory)
  }
  return config.stages.flatMap((stage) => {
    // Parameters and gathered gradients are inputs of the graph; two moments and the running mean lie beside it.
    const beside = parameters * (stage.emaDecay === null ? 2 : 3)
    return Object.entries(source(stage).buckets).map(([bucket, form]) => ({
      stage: stage.name,
      bucket,
      needBytes: needOf(form) + beside,
    }))
  })
}

/** Throws runtime/not-enough-memory, with both numbers, unless the largest need fits. */
export function assertMemory(needs: readonly MemoryNeed[], roomBytes = availableMemory()): void {
  const largest = needs.reduce((a, b) => (b.needBytes > a.needBytes ? b : a))
  if (largest.needBytes <= roomBytes) return
  const { stage, bucket, needBytes } = largest
  const message = `stage ${stage}, ${bucket}: expected ${formatGiB(needBytes)} of free memory, got ${formatGiB(roomBytes)}`
  throw new RuntimeError('runtime/not-enough-memory', message)
}
