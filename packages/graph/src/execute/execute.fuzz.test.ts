import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryCache } from '../cache/memory.js'
import { Gates, named, planOf, services, turn } from '../testing/gates.js'
import { workflow } from '../testing/kit.js'
import { execute } from './execute.js'
import { RunCancelled } from './failure.js'

describe('execute, at random', () => {
  it('[E11] random graphs give what a naive evaluation gives, cached or not', async () => {
    const shape = fc.array(
      fc.record({
        kind: fc.constantFrom('constant', 'add', 'sum'),
        from: fc.array(fc.nat(), { maxLength: 4 }),
        value: fc.integer({ min: -9, max: 9 }),
      }),
      { minLength: 1, maxLength: 30 },
    )
    await fc.assert(
      fc.asyncProperty(shape, fc.boolean(), async (specs, shared) => {
        const entries: Record<string, { type: string; params?: Record<string, number> }> = {}
        const links: string[] = []
        const expected: number[] = []
        specs.forEach(({ kind, from, value }, index) => {
          const sources = index === 0 ? [] : from.map((number) => number % index)
          if (kind === 'sum') {
            entries[`n${index}`] = { type: 'math/sum' }
            for (const source of sources) links.push(`n${source}.value -> n${index}.items`)
            expected.push(sources.reduce((sum, source) => sum + expected[source]!, 0))
          } else if (kind === 'add' && sources.length > 0) {
            entries[`n${index}`] = { type: 'math/add', params: { amount: value } }
            links.push(`n${sources[0]}.value -> n${index}.a`)
            if (sources.length > 1) links.push(`n${sources[1]}.value -> n${index}.b`)
            expected.push(expected[sources[0]!]! + (sources.length > 1 ? expected[sources[1]!]! : 0) + value)
          } else {
            entries[`n${index}`] = { type: 'math/constant', params: { value } }
            expected.push(value)
          }
        })
        const plan = planOf(workflow(entries, links))
        const options = { services, targets: Object.keys(entries), ...(shared && { cache: memoryCache() }) }
        for (let pass = 0; pass < 2; pass++) {
          const result = await execute(plan, options)
          expect(specs.map((_, index) => result.value(`n${index}`, 'value'))).toEqual(expected)
        }
      }),
      { seed: 11, numRuns: 150 },
    )
  })

  it('[E12] cancelled anywhere, no node is left running', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 12 }), fc.integer({ min: 1, max: 3 }), async (steps, io) => {
        const gates = new Gates()
        const ids = Array.from({ length: 8 }, (_, index) => `g${index}`)
        const chain = ids.slice(2).map((id, index) => `${ids[index]}.value -> ${id}.a`)
        const plan = planOf(workflow(Object.fromEntries(ids.map((id) => [id, named('gate/io', id)])), chain))
        const controller = new AbortController()
        const running = execute(plan, { services: gates, signal: controller.signal, limits: { io } }).catch(
          (error) => error,
        )
        for (let step = 0; step < Math.min(steps, ids.length); step++) {
          while (gates.entered.length <= step) await turn()
          await gates.open(gates.entered[step]!)
        }
        controller.abort()
        const ended = await running
        expect(gates.running).toBe(0)
        if (steps < ids.length) expect(ended).toBeInstanceOf(RunCancelled)
        const before = gates.entered.length
        await turn()
        expect(gates.entered.length).toBe(before)
      }),
      { seed: 5, numRuns: 40 },
    )
  })
})
