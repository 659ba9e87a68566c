import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openRuntime, type Runtime } from '@dreamgraph/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCase } from './run-case.js'

const fixtures = fileURLToPath(new URL('../../fixtures/golden', import.meta.url))

describe('the official code’s numbers, fp32 on cpu', () => {
  let runtime: Runtime
  beforeAll(async () => {
    runtime = await openRuntime({ device: 'cpu' })
  })
  afterAll(() => runtime.close())

  test.each(readdirSync(fixtures))('%s', async (name) => {
    const { verdicts } = await runCase(`${fixtures}/${name}`, runtime)
    expect(verdicts.length).toBeGreaterThan(0)
    expect(verdicts.filter(({ passed }) => !passed)).toEqual([])
  })
})
