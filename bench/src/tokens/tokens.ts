// What more tokens cost: memory of a step, which has to grow with their number and not with its square, and time.
import type { Bench, Figure } from '../figure.js'
import { inWorker, mib } from '../worker.js'
import type { TokensOptions, TokensResult } from './times.js'

const lengths = [1024, 2048, 4096, 8192]
/** A picture of 512 × 512 without, and with one to four references of as many tokens as 256 × 256 pixels have. */
const referenceTokens = 256
const pictureTokens = 1024 + 128
const rounds = 5

export const tokens: Bench = {
  name: 'tokens',
  title: 'A step of the stack of flux-stack, hidden 1536, with more and more tokens',
  async run() {
    const figures: Figure[] = []
    const ask = (tokens: number) => {
      const options = { size: { hidden: 1536, tokens }, rounds } as const
      return inWorker<TokensOptions, TokensResult>(new URL('./times.js', import.meta.url), options)
    }
    const results: TokensResult[] = []
    for (const length of lengths) results.push(await ask(length))
    const [first] = results as [TokensResult, ...TokensResult[]]
    for (const [i, { stepBytes, ms }] of results.entries()) {
      const times = lengths[i]! / lengths[0]!
      const what = `${lengths[i]} tokens`
      const linear = { name: 'as many times the first', value: mib(first.stepBytes) * times }
      figures.push({
        ...{ what: `${what}, memory of a step`, value: mib(stepBytes), unit: 'MiB' },
        ...(i > 0 && { yardstick: linear, goal: { timesBetter: 0.8 } }),
      })
      const proportional = { name: 'as many times the first', value: first.ms * times }
      figures.push({ what: `${what}, time`, value: ms, unit: 'ms', ...(i > 0 && { yardstick: proportional }) })
    }
    const alone = await ask(pictureTokens)
    figures.push({ what: 'a picture of 512 × 512', value: alone.ms, unit: 'ms' })
    for (const references of [1, 2, 4]) {
      const length = pictureTokens + references * referenceTokens
      const { ms } = await ask(length)
      const value = (alone.ms * length) / pictureTokens
      const yardstick = { name: 'by the number of tokens', value }
      const what = `with ${references} reference${references > 1 ? 's' : ''}`
      figures.push({ what, value: ms, unit: 'ms', yardstick, goal: { timesBetter: 0.8 } })
    }
    return {
      setting: [
        `float32, mapped weights, ${rounds} rounds. Memory: the highest of the process that computes, less what it holds before its`,
        'first run; with the weights that the run has read left out.',
      ],
      figures,
    }
  },
}
