// A FLUX-like stack on the cpu against the same stack in torch, float32 both.
import type { Bench } from '../figure.js'
import { inWorker, mib } from '../worker.js'
import type { StackOptions, StackTimes } from './times.js'
import { python, torchVersion } from './torch.js'

const rounds = 7
/** Beyond this the two sides do not compute the same thing, and times mean nothing. Relative to the largest output. */
const tolerance = 1e-3

export const fluxStack: Bench = {
  name: 'flux-stack',
  title: 'One step of a FLUX-like stack: hidden 1536, 12 heads of 128, 1024 tokens, 1 double and 2 single blocks',
  async run() {
    const version = torchVersion()
    if (!version) return { skipped: `${python} has no torch (another Python: DREAMGRAPH_PYTHON=…)` }
    const url = new URL('./times.js', import.meta.url)
    const { threads, difference, ms, peakBytes } = await inWorker<StackOptions, StackTimes>(url, { rounds })
    if (!(difference <= tolerance)) {
      throw new Error(`flux-stack: expected outputs within ${tolerance} of torch's, got ${difference.toExponential(1)}`)
    }
    const torch = `torch ${version}`
    const unit = 'MiB'
    return {
      setting: [
        `float32, ${threads} threads, ${rounds} rounds; outputs differ by ${difference.toExponential(1)} of the largest. Ours includes`,
        "the way to the runtime's process and back. Memory: the process that computes.",
      ],
      figures: [
        {
          what: 'mapped weights',
          value: ms.mapped,
          unit: 'ms',
          yardstick: { name: torch, value: ms.torch },
          goal: { timesBetter: 1.1 },
        },
        { what: 'packed weights', value: ms.packed, unit: 'ms', yardstick: { name: torch, value: ms.torch } },
        { what: 'mapped', value: ms.mapped, unit: 'ms', yardstick: { name: 'packed', value: ms.packed } },
        {
          what: 'peak memory, mapped',
          value: mib(peakBytes.mapped),
          unit,
          yardstick: { name: torch, value: mib(peakBytes.torch) },
        },
        {
          what: 'peak memory, packed',
          value: mib(peakBytes.packed),
          unit,
          yardstick: { name: torch, value: mib(peakBytes.torch) },
        },
      ],
    }
  },
}
