// A checkpoint of FLUX.1-dev's shapes with DreamO's LoRA, and noise for weights.
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { checkComponent } from '@dreamgraph/dreamo'
import { dreamoFile, dreamoShapes, fluxDevConfigs, writeRandomModel } from '@dreamgraph/nodes'

export interface FullSize {
  readonly doubles: number
  readonly singles: number
  readonly t5Layers: number
}

/** Of DreamO's published LoRA. */
const loraRank = 128

export interface Written {
  readonly parameters: number
  readonly bytes: number
  /** 0: it was there. */
  readonly seconds: number
}

/** Writes the model unless it is there; a folder that was not finished is begun anew. */
export async function writeFullSize(
  folder: string,
  { doubles, singles, t5Layers }: FullSize,
  say: (line: string) => void,
): Promise<Written> {
  const { transformer, t5 } = fluxDevConfigs
  const configs = {
    ...fluxDevConfigs,
    transformer: { ...transformer, num_layers: doubles, num_single_layers: singles },
    t5: { ...t5, num_layers: t5Layers },
  }
  const start = performance.now()
  const isThere = existsSync(folder)
  if (!isThere) {
    say(`writing ${folder} …`)
    const unfinished = `${folder}.unfinished`
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(dirname(folder), { recursive: true })
    const loras = { [dreamoFile]: dreamoShapes(configs, loraRank) }
    await writeRandomModel(unfinished, { seed: 1n, configs, loras, isNoiseShared: true })
    await rename(unfinished, folder)
  }
  const { weights } = await checkComponent('transformer', join(folder, 'transformer'))
  let parameters = 0
  for (const { shape } of weights.values()) parameters += shape.reduce((product, size) => product * size, 1)
  const seconds = isThere ? 0 : (performance.now() - start) / 1000
  return { parameters, bytes: await folderBytes(folder), seconds }
}

/** Of all files in a folder and those inside; 0 where there is none. */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  for (const name of names) {
    const entry = await stat(join(folder, name))
    if (entry.isFile()) bytes += entry.size
  }
  return bytes
}
