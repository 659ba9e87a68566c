// Puts a trained model where one lies already, such as models/mini, whose card and probe stay.
import { cp, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { makeFolder } from '@dreamgraph/store'

/** All of a model's folder that training writes. */
const parts = [
  'model_index.json',
  'scheduler',
  'tokenizer',
  'tokenizer_2',
  'text_encoder',
  'text_encoder_2',
  'vae',
  'transformer',
  'DreamO',
]

/**
 * Copies every part of a model over the parts of the same names in another folder; what else lies there stays. All parts are
 * copied before the first is replaced, so that a full disk or a missing part leaves the old model whole.
 */
export async function copyModel(from: string, into: string): Promise<void> {
  if (resolve(from) === resolve(into)) throw new Error(`${into}: expected another folder than the model's own`)
  await makeFolder(into)
  const copies = parts.map((part) => ({ part: join(into, part), copy: join(into, `.${part}.new`) }))
  try {
    for (const [i, { copy }] of copies.entries()) {
      await rm(copy, { recursive: true, force: true }) // of a copy that was killed
      await cp(join(from, parts[i]), copy, { recursive: true })
    }
    for (const { part, copy } of copies) {
      await rm(part, { recursive: true, force: true })
      await rename(copy, part)
    }
  } finally {
    for (const { copy } of copies) await rm(copy, { recursive: true, force: true })
  }
}
