// The set as files, for systems that are not ours: prompts and references out, pictures in.
import { join } from 'node:path'
import { makeFolder, writeFileAtomic } from '@dreamgraph/store'
import type { Picture } from '@dreamgraph/world'
import { readPicture, writePicture } from './picture-files.js'
import type { Prompt } from './prompts.js'

/** The file of a prompt's picture in a folder that is scored. */
export const pictureName = (id: string, seed: bigint): string => `${id}-${seed}.png`

/**
 * Writes prompts.jsonl, one line a picture that is wanted: id, task, caption, seed, the picture's name and its references
 * (slot, task, file); and references/ with their pictures.
 */
export async function writePrompts(
  folder: string,
  prompts: readonly Prompt[],
  seeds: readonly bigint[],
): Promise<void> {
  await makeFolder(join(folder, 'references'))
  const lines: string[] = []
  for (const { id, task, sample } of prompts) {
    const references = sample.references.map(({ slot, task: use }) => {
      return { slot, task: use, file: `references/${id}-ref${slot}.png` }
    })
    for (const [i, { picture }] of sample.references.entries()) {
      await writePicture(join(folder, references[i].file), picture)
    }
    for (const seed of seeds) {
      const picture = pictureName(id, seed)
      lines.push(JSON.stringify({ id, task, caption: sample.caption, seed: Number(seed), picture, references }))
    }
  }
  await writeFileAtomic(join(folder, 'prompts.jsonl'), `${lines.join('\n')}\n`)
}

/** A painter that takes each picture from `folder/<id>-<seed>.png`. */
export const picturesOf =
  (folder: string) =>
  ({ id }: Prompt, seed: bigint): Promise<Picture> =>
    readPicture(join(folder, pictureName(id, seed)))
