// Tokenizer cases: ids of awkward prompts by both tokenizers, with DreamO's tokens.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openClipTokenizer, openT5Tokenizer } from '@dreamgraph/dreamo'
import type { Verdict } from '../compare.js'

interface Expected {
  readonly rows: readonly {
    readonly prompt: string
    readonly clip_77: readonly number[]
    readonly t5_512_unpadded: readonly number[]
  }[]
}

/** Such a case has expected.json and no tensors: one verdict a prompt, by equality of ids. */
export async function runTokenizers(dir: string): Promise<Verdict[]> {
  const { rows } = JSON.parse(await readFile(join(dir, 'expected.json'), 'utf8')) as Expected
  const clip = await openClipTokenizer(join(dir, 'tokenizer'))
  const t5 = (await openT5Tokenizer(join(dir, 'tokenizer_2'))).withPlaceholders()
  return rows.map(({ prompt, clip_77, t5_512_unpadded }) => {
    const t5Ids = t5.encode(prompt, 512)
    const problems = [
      String(clip.encode(prompt)) === String(clip_77) ? [] : ['CLIP ids differ'],
      String(t5Ids.slice(0, t5_512_unpadded.length)) === String(t5_512_unpadded) ? [] : ['T5 ids differ'],
      t5Ids.slice(t5_512_unpadded.length).every((id) => id === 0) ? [] : ['T5 padding differs'],
    ].flat()
    const passed = problems.length === 0
    const [maxAbs, share] = passed ? [0, 0] : [Number.NaN, Number.NaN]
    return {
      name: JSON.stringify(prompt).slice(0, 48),
      maxAbs,
      maxRel: maxAbs,
      relative: maxAbs,
      atol: 0,
      share,
      passed,
      problem: problems.join(', '),
    }
  })
}
