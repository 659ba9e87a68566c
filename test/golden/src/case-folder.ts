// One case of reference numbers: parameters and tolerances in case.json, tensors in io.safetensors, weights beside them.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openSafetensors, toFloat32 } from '@dreamgraph/weights'

export interface TensorSpec {
  readonly name: string
  readonly shape: readonly number[]
  readonly role: 'input' | 'intermediate' | 'expected'
  readonly atol: number
  readonly rtol: number
}

export interface GoldenTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export interface GoldenCase {
  readonly dir: string
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: each kind of case has parameters of its own, read where they are used
  readonly params: any
  /** What must be computed. */
  readonly wanted: readonly TensorSpec[]
  tensor(name: string): GoldenTensor
  has(name: string): boolean
}

/** Reads a case folder whole; the tensors are small. */
export async function readCase(dir: string): Promise<GoldenCase> {
  const file = JSON.parse(await readFile(join(dir, 'case.json'), 'utf8'))
  const { tensors } = await openSafetensors(join(dir, 'io.safetensors'))
  const data = new Map<string, GoldenTensor>()
  for (const [name, view] of tensors) data.set(name, { shape: view.shape, data: await toFloat32(view) })
  return {
    dir,
    name: file.case,
    params: file.params,
    wanted: (file.tensors as TensorSpec[]).filter(({ role }) => role !== 'input'),
    has: (name) => data.has(name),
    tensor(name) {
      const tensor = data.get(name)
      if (!tensor) throw new Error(`${dir}: expected a tensor ${name}, got none`)
      return tensor
    },
  }
}
