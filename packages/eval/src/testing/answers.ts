// Answers by hand, for tests of what is counted.

import type { ReaderName, Values } from '../probe/attributes.js'
import { partsOf } from '../probe/parts.js'
import type { Prompt } from '../prompts.js'
import { answersOf, type ReadPicture } from '../questions.js'

/** What a probe that is always right reads in a prompt's picture, changed by hand. */
export function readAs(
  { task, sample }: Prompt,
  change: (truth: Values, part: { reader: ReaderName; number: number }) => Values = (truth) => truth,
): ReadPicture {
  const readings = partsOf(sample.scene).map((part) => ({ ...part.truth, ...change(part.truth, part) }))
  return { task, answers: answersOf(sample, readings) }
}
