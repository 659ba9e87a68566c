// A whole run: all stages of a training file on a model with all its parts, and the adapter file at the end.
import { join } from 'node:path'
import { type AdapterFormat, writeAdapter } from './adapter-file.js'
import type { AdapterJob } from './adapter-job.js'
import { type TrainOptions, train } from './train.js'

export interface TrainAdapterOptions extends Omit<TrainOptions, 'model' | 'source'> {
  readonly job: AdapterJob
  readonly format: AdapterFormat
}

/**
 * Trains what is not yet trained and writes the adapter into the run's folder, after the running means of its parameters.
 * Returns the file's path. Throws what trainStage throws.
 */
export async function trainAdapter({ job, format, ...options }: TrainAdapterOptions): Promise<string> {
  const { averages } = await train({ ...options, model: job.model, source: job.source })
  const path = join(options.folder, adapterFile[format])
  await writeAdapter(path, job.learnt(averages), format)
  return path
}

/** Where an adapter lies in its folder: DreamO's own form lies where presets look for it. */
export const adapterFile: Readonly<Record<AdapterFormat, string>> = {
  dreamo: 'DreamO/dreamo.safetensors',
  diffusers: 'adapter.safetensors',
}
