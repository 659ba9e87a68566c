/** Opens the golden cases for tests and compares tensors. Test-only: checkpoints are read by packages/weights. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const casesDir = fileURLToPath(new URL('../../../../test/fixtures/golden', import.meta.url))

export interface GoldenTensor {
  data: Float32Array
  shape: number[]
}

/** A golden case: its tensors by name, the parameters and tolerances of its case.json. */
export interface GoldenCase<Params> {
  dir: string
  params: Params
  /** Names of every tensor with a tolerance. */
  names(): string[]
  tensor(name: string): GoldenTensor
  /** The tolerance case.json gives for a tensor. */
  tolerance(name: string): RecordedTolerance
}

export interface Tolerance {
  atol: number
  rtol: number
}

/** `atol_strict` is for runs that are fed the recorded sinusoids. */
export interface RecordedTolerance extends Tolerance {
  atol_strict: number
}

/** Path of a file among the golden cases. */
export function goldenPath(...parts: string[]): string {
  return join(casesDir, ...parts)
}

/** Parses a JSON file among the golden cases. */
export function goldenJson<Json = unknown>(...parts: string[]): Json {
  return JSON.parse(readFileSync(goldenPath(...parts), 'utf8')) as Json
}

/** Opens cases/<name>; `Params` states the shape of its case.json `params`. */
export function openGolden<Params = unknown>(name: string): GoldenCase<Params> {
  const { params, tensors } = goldenJson<{
    params: Params
    tensors: ({ name: string; role: string } & RecordedTolerance)[]
  }>(name, 'case.json')
  const io = readSafetensorsF32(goldenPath(name, 'io.safetensors'))
  return {
    dir: goldenPath(name),
    params,
    names: () => tensors.filter(({ role }) => role !== 'input').map(({ name }) => name),
    tensor: (key) => io.get(key) ?? missing(`${name}/io.safetensors`, key),
    tolerance: (key) => {
      const { atol, atol_strict, rtol } =
        tensors.find((tensor) => tensor.name === key) ?? missing(`${name}/case.json`, key)
      return { atol, atol_strict, rtol }
    },
  }
}

/** Every tensor of an all-float32 safetensors file: u64 header size, JSON header, data. */
export function readSafetensorsF32(path: string): Map<string, GoldenTensor> {
  const file = readFileSync(path)
  const headerSize = Number(file.readBigUInt64LE(0))
  type Entry = { dtype: string; shape: number[]; data_offsets: [number, number] }
  const header = JSON.parse(file.toString('utf8', 8, 8 + headerSize)) as Record<string, Entry>
  const tensors = new Map<string, GoldenTensor>()
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue
    if (dtype !== 'F32') throw new Error(`${path}: expected F32 for ${name}, got ${dtype}`)
    const bytes = Uint8Array.from(file.subarray(8 + headerSize + data_offsets[0], 8 + headerSize + data_offsets[1]))
    tensors.set(name, { data: new Float32Array(bytes.buffer), shape })
  }
  return tensors
}

/** Throws unless |got - want| <= atol + rtol·|want| everywhere; reports the worst element. Returns the largest errors. */
export function closeTo(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  { atol, rtol }: Tolerance,
): { maxAbs: number; maxRel: number } {
  if (got.length !== want.length) throw new Error(`expected ${want.length} values, got ${got.length}`)
  let maxAbs = 0
  let maxRel = 0
  let worst = 0
  let worstExcess = Number.NEGATIVE_INFINITY
  for (let i = 0; i < want.length; i++) {
    const abs = Math.abs(got[i]! - want[i]!)
    const excess = Number.isNaN(abs) ? Number.POSITIVE_INFINITY : abs - (atol + rtol * Math.abs(want[i]!))
    maxAbs = Math.max(maxAbs, abs)
    if (want[i] !== 0) maxRel = Math.max(maxRel, abs / Math.abs(want[i]!))
    if (excess > worstExcess) {
      worstExcess = excess
      worst = i
    }
  }
  if (worstExcess > 0) {
    const summary = `max abs error ${maxAbs}, max rel error ${maxRel}, atol ${atol}, rtol ${rtol}`
    throw new Error(`worst at [${worst}]: expected ${want[worst]}, got ${got[worst]} (${summary})`)
  }
  return { maxAbs, maxRel }
}

function missing(where: string, key: string): never {
  throw new Error(`${where}: expected a tensor named ${key}, got none`)
}
