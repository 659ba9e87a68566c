// The mini model's whole pipeline against the same in torch, float32 both.
import { availableParallelism } from 'node:os'
import type { Bench } from '../figure.js'
import { python, torchVersion } from '../flux-stack/torch.js'
import { inWorker, mib } from '../worker.js'
import type { PipelineOptions, PipelineTimes } from './times.js'

const rounds = 7
/** Beyond this the two sides do not paint the same picture. Levels of 255; ours rounds to whole ones. */
const tolerance = 1

export const pipeline: Bench = {
  name: 'pipeline',
  title: 'A picture by the mini model: 128×128, two references of 64×64, 12 steps with true guidance',
  async run() {
    const version = torchVersion()
    if (!version) return { skipped: `${python} has no torch (another Python: DREAMGRAPH_PYTHON=…)` }
    const options = { rounds, threads: availableParallelism() }
    const url = new URL('./times.js', import.meta.url)
    const { ms, peakBytes, difference } = await inWorker<PipelineOptions, PipelineTimes>(url, options)
    if (!(difference <= tolerance)) {
      throw new Error(
        `pipeline: expected pictures within ${tolerance} level of torch's, got ${difference.toFixed(2)} levels`,
      )
    }
    const torch = `torch ${version}`
    return {
      setting: [
        `float32, LoRA fused, ${options.threads} threads, ${rounds} rounds; no pixel differs by more than ${difference.toFixed(2)} of 255 levels.`,
        'From prompts to pixels; models are open, nothing else is kept. Memory: the process that computes.',
      ],
      figures: [
        {
          what: 'a picture',
          value: ms.ours,
          unit: 'ms',
          yardstick: { name: torch, value: ms.torch },
          goal: { timesBetter: 2 },
        },
        {
          what: 'peak memory',
          value: mib(peakBytes.ours),
          unit: 'MiB',
          yardstick: { name: torch, value: mib(peakBytes.torch) },
        },
      ],
    }
  },
}
