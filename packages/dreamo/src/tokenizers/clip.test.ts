import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { goldenJson, goldenPath } from '../testing/golden.js'
import { type ClipTokenizer, openClipTokenizer } from './clip.js'

const { rows } = goldenJson<{ rows: { prompt: string; clip_77: number[] }[] }>('tokenizers/expected.json')
const folder = goldenPath('tokenizers/tokenizer')
let clip: ClipTokenizer
let scratch: string

beforeAll(async () => {
  clip = await openClipTokenizer(folder)
  scratch = await mkdtemp(join(tmpdir(), 'clip-tokenizer-'))
})
afterAll(() => rm(scratch, { recursive: true }))

describe('ids as transformers gives them', () => {
  test.each(rows)('$prompt', ({ prompt, clip_77 }) => {
    expect(clip.encode(prompt)).toEqual(clip_77)
  })
})

test('count tells what truncation takes away', () => {
  expect(clip.count('')).toBe(2)
  expect(clip.count('x'.repeat(200))).toBe(202)
  expect(clip.encode('x'.repeat(200))).toHaveLength(77)
})

test('the padding token of tokenizer_config.json is used, also as a record', async () => {
  await Promise.all(['vocab.json', 'merges.txt'].map((name) => copyFile(join(folder, name), join(scratch, name))))
  await writeFile(join(scratch, 'tokenizer_config.json'), '{"model_max_length": 8, "pad_token": {"content": "!"}}')
  expect((await openClipTokenizer(scratch)).encode('')).toEqual([771, 772, 0, 0, 0, 0, 0, 0])
})

describe('folders that cannot be opened', () => {
  test.each([
    ['dreamo/tokenizer-missing', 'got neither', {}],
    ['dreamo/tokenizer-missing', 'got no merges.txt', { 'vocab.json': '{}' }],
    ['dreamo/tokenizer-invalid', 'expected JSON', { 'vocab.json': '{', 'merges.txt': '' }],
    ['dreamo/tokenizer-invalid', 'expected a valid a, got', { 'vocab.json': '{"a": "0"}', 'merges.txt': '' }],
    ['dreamo/tokenizer-invalid', 'the token <|startoftext|>', { 'vocab.json': '{"a": 0}', 'merges.txt': 'a b\n' }],
    [
      'dreamo/tokenizer-invalid',
      'two symbols a line',
      { 'vocab.json': '{"a": 0}', 'merges.txt': '#version: 0.2\nab\n' },
    ],
    ['dreamo/tokenizer-invalid', 'expected a CLIP tokenizer', { 'tokenizer.json': '{"model": {"type": "None"}}' }],
  ])('%s: %s', async (code, part, files) => {
    const dir = await mkdtemp(join(scratch, 'broken-'))
    for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text)
    const message = expect.stringContaining(part)
    await expect(openClipTokenizer(dir)).rejects.toMatchObject({ code, userFault: true, message })
  })
})
