// A training step of the mini model's transformer against the same step in eager torch, float32 both.
import type { Bench } from '../figure.js'
import { python, torchVersion } from '../flux-stack/torch.js'
import { inWorker, mib } from '../worker.js'
import type { StepTimes } from './times.js'

const rounds = 9
/** Both train on the same batch from the same weights: losses that drift apart mean that they do not do the same. */
const tolerance = 1e-3

export const trainingStep: Bench = {
  name: 'training-step',
  title:
    'One training step of the mini transformer (hidden 192, 2 double and 4 single blocks) on 32 samples of 64 + 56 tokens, ' +
    'against eager torch, float32',
  async run() {
    const version = torchVersion()
    if (!version) return { skipped: `${python} has no torch (another Python: DREAMGRAPH_PYTHON=…)` }
    const url = new URL('./times.js', import.meta.url)
    const { threads, parameters, difference, ms, peakBytes } = await inWorker<{ rounds: number }, StepTimes>(url, {
      rounds,
    })
    if (!(difference <= tolerance)) {
      throw new Error(
        `training-step: expected losses within ${tolerance} of torch's, got ${difference.toExponential(1)}`,
      )
    }
    const torch = `torch ${version}`
    return {
      setting: [
        `${(parameters / 1e6).toFixed(1)} M parameters, forward, backward, clipping and AdamW; float32, ${threads} threads, ${rounds} rounds.`,
        `Both train on one batch from the same weights; losses differ by ${difference.toExponential(1)} at most.`,
      ],
      figures: [
        {
          what: 'one step',
          value: ms.ours,
          unit: 'ms',
          yardstick: { name: torch, value: ms.torch },
          goal: { timesBetter: 1 },
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
