// The golden cases that the repository carries, as paths and tolerances.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

const root = fileURLToPath(new URL('../../../../test/fixtures/golden', import.meta.url))

/** Absolute path inside the folder of golden cases. */
export function goldenPath(...parts: string[]): string {
  return join(root, ...parts)
}

interface GoldenTensor {
  readonly name: string
  readonly atol?: number
  readonly rtol?: number
}

/** Records of a case's tensors by name. */
export function goldenTensors(name: string): ReadonlyMap<string, GoldenTensor> {
  const parsed = JSON.parse(readFileSync(goldenPath(name, 'case.json'), 'utf8')) as { tensors: GoldenTensor[] }
  return new Map(parsed.tensors.map((tensor) => [tensor.name, tensor]))
}

/** |got − want| ≤ atol + rtol·|want| for every element. */
export function expectClose(
  got: Float32Array,
  want: Float32Array,
  { atol = 0, rtol = 0 }: Omit<GoldenTensor, 'name'>,
): void {
  expect(got.length).toBe(want.length)
  let worst = 0
  for (let i = 0; i < want.length; i++)
    worst = Math.max(worst, Math.abs(got[i]! - want[i]!) / (atol + rtol * Math.abs(want[i]!)))
  expect(worst).toBeLessThanOrEqual(1)
}
