import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openRuntime, type Runtime } from '@dreamgraph/runtime'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Verdict } from './compare.js'
import { runCase } from './run-case.js'

function expectAllWithin({ verdicts = [] }: { readonly verdicts?: readonly Verdict[] }): void {
  expect(verdicts.length).toBeGreaterThan(0)
  expect(verdicts.filter(({ passed }) => !passed)).toEqual([])
}

const fixtures = fileURLToPath(new URL('../../fixtures/golden', import.meta.url))

describe('the official code’s numbers, fp32 on cpu', () => {
  let runtime: Runtime
  beforeAll(async () => {
    runtime = await openRuntime({ device: 'cpu' })
  })
  afterAll(() => runtime.close())

  test.each(readdirSync(fixtures))('%s', async (name) => {
    expectAllWithin(await runCase(`${fixtures}/${name}`, runtime))
  })
})

/** Chromium's software Vulkan driver, as Debian installs it: the GPU path without a GPU. */
const softwareDriver = '/usr/lib/chromium/vk_swiftshader_icd.json'

describe('the official code’s numbers, fp32 on webgpu over software Vulkan', () => {
  test('flux_tiny', async (context) => {
    if (!existsSync(softwareDriver)) {
      const reason = `no software Vulkan driver at ${softwareDriver} (apt-get install chromium)`
      console.log(`skipped: ${reason}`)
      return context.skip(reason)
    }
    vi.stubEnv('VK_ICD_FILENAMES', softwareDriver)
    const runtime = await openRuntime({ device: 'webgpu' })
    try {
      expectAllWithin(await runCase(`${fixtures}/flux_tiny`, runtime))
    } finally {
      await runtime.close()
      vi.unstubAllEnvs()
    }
  })
})
