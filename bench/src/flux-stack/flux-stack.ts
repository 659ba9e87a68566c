// A FLUX-like stack on the cpu against the same stack in torch, float32 both.
import type { Bench, Figure } from '../figure.js'
import { inWorker, mib } from '../worker.js'
import { type Hidden, miniSize } from './stack.js'
import type { StackOptions, StackTimes } from './times.js'
import { python, torchVersion } from './torch.js'

const stacks: readonly StackOptions[] = [
  { size: miniSize, rounds: 31 },
  { size: { hidden: 1536, tokens: 1024 }, rounds: 7 },
  { size: { hidden: 3072, tokens: 1024 }, rounds: 5 },
]
/** Beyond this the two sides do not compute the same thing, and times mean nothing. Relative to the largest output. */
const tolerance = 1e-3

export const fluxStack: Bench = {
  name: 'flux-stack',
  title:
    'One step of the mini transformer (192), and of FLUX-like stacks: 12 or 24 heads of 128, 1024 tokens, 1 double and 2 single blocks',
  async run() {
    const version = torchVersion()
    if (!version) return { skipped: `${python} has no torch (another Python: DREAMGRAPH_PYTHON=…)` }
    const url = new URL('./times.js', import.meta.url)
    const setting: string[] = []
    const figures: Figure[] = []
    for (const stack of stacks) {
      const times = await inWorker<StackOptions, StackTimes>(url, stack)
      const { threads, difference } = times
      if (!(difference <= tolerance)) {
        const got = difference.toExponential(1)
        throw new Error(`flux-stack: expected outputs within ${tolerance} of torch's, got ${got}`)
      }
      setting.push(
        `hidden ${stack.size.hidden}: float32, ${threads} threads, ${stack.rounds} rounds; outputs differ by ` +
          `${difference.toExponential(1)} of the largest.`,
      )
      figures.push(...figuresOf(stack.size.hidden, times, `torch ${version}`))
    }
    setting.push("Ours includes the way to the runtime's process and back. Memory: the process that computes.")
    return { setting, figures }
  },
}

function figuresOf(hidden: Hidden, { ms, peakBytes }: StackTimes, torch: string): Figure[] {
  const yardstick = { name: torch, value: ms.torch }
  const peak = { name: torch, value: mib(peakBytes.torch) }
  return [
    { what: `${hidden}, mapped weights`, value: ms.mapped, unit: 'ms', yardstick, goal: { timesBetter: 1.2 } },
    { what: `${hidden}, packed weights`, value: ms.packed, unit: 'ms', yardstick },
    { what: `${hidden}, peak memory, mapped`, value: mib(peakBytes.mapped), unit: 'MiB', yardstick: peak },
    { what: `${hidden}, peak memory, packed`, value: mib(peakBytes.packed), unit: 'MiB', yardstick: peak },
  ]
}
