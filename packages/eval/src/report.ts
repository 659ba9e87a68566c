// An evaluation as files: table.json, table.md, predictions.jsonl, sheet.webp and the pictures.
import { join } from 'node:path'
import { makeFolder, writeFileAtomic } from '@dreamgraph/store'
import type { Evaluation } from './evaluate.js'
import { pictureName } from './folder.js'
import { writePicture } from './picture-files.js'
import type { Prompt } from './prompts.js'
import { sampleSheet } from './sample-sheet.js'
import { markdownTable, tableOf } from './table.js'

export interface Report {
  readonly prompts: readonly Prompt[]
  readonly evaluation: Evaluation
  /** What the numbers hang on: model, set, steps …; written into both tables. */
  readonly settings: Readonly<Record<string, unknown>>
}

/** Writes a report into a folder; whatever has these names there is replaced. */
export async function writeReport(folder: string, { prompts, evaluation, settings }: Report): Promise<void> {
  const { pictures, routing } = evaluation
  const rows = tableOf(evaluation)
  const predictions = pictures.map(({ id, seed, answers }) => JSON.stringify({ id, seed: Number(seed), answers }))
  const facts = Object.entries(settings).map(([name, value]) => `${name}: ${value}`)
  await makeFolder(join(folder, 'pictures'))
  await writeFileAtomic(join(folder, 'table.json'), `${JSON.stringify({ settings, rows, routing }, null, 2)}\n`)
  await writeFileAtomic(join(folder, 'table.md'), `${facts.join(' · ')}\n\n${markdownTable(rows)}\n`)
  await writeFileAtomic(join(folder, 'predictions.jsonl'), `${predictions.join('\n')}\n`)
  await writeFileAtomic(join(folder, 'sheet.webp'), sampleSheet(prompts, pictures))
  for (const { id, seed, picture } of pictures) {
    await writePicture(join(folder, 'pictures', pictureName(id, seed)), picture)
  }
}
