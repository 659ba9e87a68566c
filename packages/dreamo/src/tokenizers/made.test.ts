import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mergesFor } from './byte-pairs.js'
import { openClipTokenizer } from './clip.js'
import { clipTokenizerFiles, clipVocabulary, t5TokenizerFiles, t5Vocabulary } from './made.js'
import { openT5Tokenizer } from './t5.js'

const words = ['blue', 'blond', 'lubricant', 'a', 'butterfly', 'tree', 't-shirt', 'umbrella', 'ue', 'lu']
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'made-tokenizers-'))
  const files = { ...clipTokenizerFiles(words), ...t5TokenizerFiles(words) }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  // Both write a tokenizer_config.json; CLIP's is the one with a length of 77.
  await writeFile(join(folder, 'tokenizer_config.json'), clipTokenizerFiles(words)['tokenizer_config.json'])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('merges end with each word as one symbol, whatever other words share with it', () => {
  const made = new Set(mergesFor(words).map((pair) => pair.join('')))
  for (const word of words.filter(({ length }) => length > 1)) expect(made).toContain(`${word}</w>`)
  expect(mergesFor([])).toEqual([])
  expect(mergesFor(['ab', 'ab', 'cab'])).toEqual([
    ['a', 'b</w>'],
    ['c', 'ab</w>'],
  ])
})

test('CLIP has one token for a known word, and characters for any other', async () => {
  await rm(join(folder, 'tokenizer.json'))
  const clip = await openClipTokenizer(folder)
  const vocabulary = clipVocabulary(words)
  const tokens = clip.encode('a blue Butterfly zoo').map((id) => vocabulary[id])
  expect(tokens.slice(0, 8)).toEqual([
    '<|startoftext|>',
    'a</w>',
    'blue</w>',
    'butterfly</w>',
    'z',
    'o',
    'o</w>',
    '<|endoftext|>',
  ])
})

test('T5 has one token for a known word, and DreamO’s placeholders beside them', async () => {
  await writeFile(join(folder, 'tokenizer.json'), t5TokenizerFiles(words)['tokenizer.json'])
  const t5 = (await openT5Tokenizer(folder)).withPlaceholders()
  const vocabulary = [...t5Vocabulary(words), '[ref#1]', '[ref#2]']
  const tokens = t5.encode('a tree [ref#1] umbrella [ref#2] zo', 12).map((id) => vocabulary[id])
  expect(tokens.filter((token) => token !== '▁')).toEqual([
    ...['a', '▁tree', '[ref#1]', '▁umbrella', '[ref#2]', 'z', 'o', '</s>'],
    ...tokens.filter((token) => token === '<pad>'),
  ])
})
