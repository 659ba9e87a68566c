// Checkpoints of a stage: all that the next step depends on, in one safetensors file each, written in one step.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder, removeStaleTemps } from '@dreamgraph/store'
import { openSafetensors, toFloat32, type WeightSet, writeSafetensors } from '@dreamgraph/weights'
import { TrainError } from './errors.js'

export interface Checkpoint {
  /** Steps done. Random numbers depend on seed and step alone, so this is their position too. */
  readonly step: number
  /** Fingerprint of what numbers depend on; a run resumes only its own. */
  readonly identity: string
  /** Parameters, moments and running means by the name of their input, with their shapes. */
  readonly state: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>
}

/** The same to be written; a value may be fetched when its turn comes, so that they are never all in memory. */
export interface NewCheckpoint extends Omit<Checkpoint, 'state'> {
  readonly state: ReadonlyMap<
    string,
    { readonly shape: readonly number[]; readonly data: Float32Array | (() => Promise<Float32Array>) }
  >
}

/** What a run of so many steps may resume from. */
export interface ResumableRun {
  readonly identity: string
  readonly steps: number
}

const nameOf = (step: number): string => `step-${String(step).padStart(8, '0')}.safetensors`
const stepOf = (file: string): number | undefined => {
  const match = /^step-(\d{8})\.safetensors$/.exec(file)
  return match ? Number(match[1]) : undefined
}

/** Writes a checkpoint and removes all but the newest `keep`. */
export async function writeCheckpoint(folder: string, checkpoint: NewCheckpoint, keep: number): Promise<string> {
  await makeFolder(folder)
  const path = join(folder, nameOf(checkpoint.step))
  const tensors = [...checkpoint.state].map(([name, { shape, data }]) => ({ name, dtype: 'F32' as const, shape, data }))
  await writeSafetensors(path, tensors, { step: String(checkpoint.step), identity: checkpoint.identity })
  const steps = await checkpointSteps(folder)
  for (const step of steps.slice(0, -keep)) await rm(join(folder, nameOf(step)), { force: true })
  return path
}

/** Steps that have a checkpoint, ascending; temporary files of dead writers are removed on the way. */
export async function checkpointSteps(folder: string): Promise<number[]> {
  await removeStaleTemps(folder)
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    // A folder that cannot be listed may hold all of the work: to begin anew there would overwrite it.
    if (error.code === 'ENOENT') return []
    throw new TrainError('train/checkpoint-invalid', `${folder}: expected a readable folder, got ${error.code}`)
  })
  return files.flatMap((file) => stepOf(file) ?? []).sort((a, b) => a - b)
}

/** The newest checkpoint, or undefined. Throws train/checkpoint-invalid when it is of another run, or of more steps. */
export async function readCheckpoint(folder: string, run: ResumableRun): Promise<Checkpoint | undefined> {
  const newest = await openNewest(folder, run)
  if (!newest) return undefined
  const state = new Map<string, { shape: readonly number[]; data: Float32Array }>()
  for (const [name, view] of newest.tensors) state.set(name, { shape: view.shape, data: await toFloat32(view) })
  return { step: newest.step, identity: run.identity, state }
}

/** Steps that the newest checkpoint has done, 0 without one. Throws what readCheckpoint throws. */
export async function stepsDone(folder: string, run: ResumableRun): Promise<number> {
  return (await openNewest(folder, run))?.step ?? 0
}

async function openNewest(
  folder: string,
  { identity, steps }: ResumableRun,
): Promise<{ step: number; tensors: WeightSet } | undefined> {
  const step = (await checkpointSteps(folder)).at(-1)
  if (step === undefined) return undefined
  const path = join(folder, nameOf(step))
  const { tensors, metadata } = await openSafetensors(path)
  const recorded = metadata.get('identity')
  if (recorded !== identity) {
    const rule = 'a checkpoint of this config (start in another folder to train with other numbers)'
    const got = recorded === undefined ? 'no config' : `one of ${differences(recorded, identity)}`
    throw new TrainError('train/checkpoint-invalid', `${path}: expected ${rule}, got ${got}`)
  }
  if (step > steps) {
    const rule = `a checkpoint of ${steps} steps at most, which is all that is asked for (another folder starts anew)`
    throw new TrainError('train/checkpoint-invalid', `${path}: expected ${rule}, got one of ${step}`)
  }
  return { step, tensors }
}

/** The numbers in which two fingerprints differ, by name: `stages.0.schedule.peak 0.001 in place of 0.002`. */
function differences(recorded: string, wanted: string): string {
  const [had, has] = [recorded, wanted].map((text) => new Map(leaves(parsed(text))))
  const names = [...new Set([...had.keys(), ...has.keys()])].filter((name) => had.get(name) !== has.get(name))
  // What comes first is drawn by the lower random numbers.
  if (names.length === 0) return 'the same numbers in another order, such as that of the tasks of a mixture'
  return names.map((name) => `${name} ${had.get(name) ?? 'absent'} in place of ${has.get(name) ?? 'none'}`).join(', ')
}

/** Fingerprints are JSON where the config is; others stand for themselves. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { identity: text }
  }
}

function leaves(value: unknown, path: readonly string[] = []): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path.join('.'), String(value)]]
  return Object.entries(value).flatMap(([key, part]) => leaves(part, [...path, key]))
}
