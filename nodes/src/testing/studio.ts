/** A temporary folder with a small model and two pictures, and workbenches over it: all that a flow needs to run for real. */
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RgbImage } from '@dreamgraph/dreamo'
import type { JsonValue, LoadedWorkflow } from '@dreamgraph/graph'
import { writeFileAtomic } from '@dreamgraph/store'
import { encodePicture } from '../image/encode.js'
import type { LoadedModel } from '../model-shelf.js'
import { writeRandomModel } from '../random-model/random-model.js'
import { openWorkbench, type Workbench, type WorkbenchOptions } from '../workbench.js'
import { flow } from './flow.js'
import { pattern } from './pictures.js'

export interface Studio {
  readonly folder: string
  /** A workbench with home, inputs and outputs in the folder. Closed by `remove`. */
  open(options?: WorkbenchOptions): Promise<Workbench>
  remove(): Promise<void>
}

/** Makes `model/`, `a.png` (48×40) and `b.png` (32×32). */
export async function studio(): Promise<Studio> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'studio-')))
  await writeRandomModel(join(folder, 'model'), { seed: 7n })
  const pictures: Record<string, RgbImage> = { 'a.png': pattern(48, 40, 3), 'b.png': pattern(32, 32, 3) }
  for (const [name, image] of Object.entries(pictures)) {
    await writeFileAtomic(join(folder, name), await encodePicture(image, 'png', 100))
  }
  const benches: Workbench[] = []
  return {
    folder,
    async open(options = {}) {
      const places = { home: join(folder, 'home'), inputFolders: [folder], outputFolder: join(folder, 'out') }
      const bench = await openWorkbench({ device: 'cpu', ...places, ...options })
      benches.push(bench)
      return bench
    },
    async remove() {
      for (const bench of benches) await bench.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Params of nodes by id, in place of those of `twoSubjects`. */
export type Changes = Readonly<Record<string, Readonly<Record<string, JsonValue>>>>

/** The usual flow with two references, at 64×64 in three steps; a picture is decoded and saved. */
export function twoSubjects(changes: Changes = {}): LoadedWorkflow {
  const nodes = {
    model: ['model/load', { model: 'model' }],
    preset: ['model/preset', {}],
    text: ['dreamo/encode-text', { text: 'a cat [ref#1] and a robot [ref#2]', maxTokens: 16 }],
    pictureA: ['image/load', { file: 'a.png' }],
    pictureB: ['image/load', { file: 'b.png' }],
    referenceA: ['dreamo/encode-reference', { slot: 1, resolution: 32 }],
    referenceB: ['dreamo/encode-reference', { slot: 2, resolution: 32 }],
    pack: ['dreamo/pack-conditions', {}],
    noise: ['latent/noise', { width: 64, height: 64, seed: '5' }],
    sample: ['dreamo/sample', { steps: 3 }],
    decode: ['vae/decode', {}],
    save: ['image/save', { name: 'picture' }],
  } as const
  const changed = Object.entries(nodes).map(([id, [type, params]]) => [id, [type, { ...params, ...changes[id] }]])
  return flow({
    name: 'two-subjects',
    nodes: Object.fromEntries(changed),
    links: [
      'model.model > preset.model',
      'preset.model > text.model',
      'preset.model > referenceA.model',
      'pictureA.image > referenceA.image',
      'preset.model > referenceB.model',
      'pictureB.image > referenceB.image',
      'text.text > pack.text',
      'referenceA.reference > pack.references',
      'referenceB.reference > pack.references',
      'preset.model > sample.model',
      'pack.conditions > sample.conditions',
      'noise.latent > sample.noise',
      'preset.model > decode.model',
      'sample.latent > decode.latent',
      'decode.image > save.image',
    ],
  })
}

/** The model of the folder with the LoRAs of DreamO v1.1, or as it is. */
export async function openedModel(bench: Workbench, lora: 'dreamo' | 'plain' = 'dreamo'): Promise<LoadedModel> {
  const id = lora === 'dreamo' ? 'preset' : 'model'
  return (await bench.run(twoSubjects(), { targets: [id] })).value(id, 'model') as LoadedModel
}
