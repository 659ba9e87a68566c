import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import protobuf from 'protobufjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { goldenJson, goldenPath } from '../testing/golden.js'
import { openT5Tokenizer, type T5Tokenizer } from './t5.js'

interface Expected {
  t5_base_size: number
  ref_token_ids: Record<string, number>
  rows: { prompt: string; t5_512_unpadded: number[]; t5_512_len_without_padding: number }[]
}
const expected = goldenJson<Expected>('tokenizers/expected.json')
const padded = (ids: number[]) => [...ids, ...new Array<number>(512 - ids.length).fill(0)]
let plain: T5Tokenizer
let t5: T5Tokenizer
let scratch: string

beforeAll(async () => {
  plain = await openT5Tokenizer(goldenPath('tokenizers/tokenizer_2'))
  t5 = plain.withPlaceholders()
  scratch = await mkdtemp(join(tmpdir(), 't5-tokenizer-'))
})
afterAll(() => rm(scratch, { recursive: true }))

describe('ids as transformers gives them', () => {
  test.each(expected.rows)('$prompt', ({ prompt, t5_512_unpadded }) => {
    expect(t5.encode(prompt, 512)).toEqual(padded(t5_512_unpadded))
  })

  test('placeholders follow the vocabulary', () => {
    expect(plain.size).toBe(expected.t5_base_size)
    expect(t5.size).toBe(expected.t5_base_size + 10)
    expect(Object.fromEntries(t5.placeholderIds)).toEqual(expected.ref_token_ids)
    expect(t5.withPlaceholders()).toBe(t5)
  })

  test('plain FLUX reads a placeholder as text', () => {
    expect(plain.placeholderIds.size).toBe(0)
    expect(Math.max(...plain.encode('[ref#1] [res]', 32))).toBeLessThan(plain.size)
  })
})

test('truncation keeps the end token last', () => {
  const prompt = 'a fox [ref#1] '.repeat(400)
  expect(t5.count(prompt)).toBeGreaterThan(512)
  expect(t5.encode(prompt, 512).at(-1)).toBe(1)
  expect(t5.encode(prompt, 512)).toHaveLength(512)
  expect(t5.encode(prompt, 1)).toEqual([1])
  expect(() => t5.encode(prompt, 0)).toThrow(expect.objectContaining({ code: 'dreamo/prompt-invalid' }))
})

describe('from spiece.model alone', () => {
  test('the same ids as from tokenizer.json', async () => {
    await writeFile(join(scratch, 'spiece.model'), spieceModel())
    await writeFile(join(scratch, 'tokenizer_config.json'), '{"extra_ids": 0}')
    const fromPieces = (await openT5Tokenizer(scratch)).withPlaceholders()
    for (const { prompt, t5_512_unpadded } of expected.rows) {
      expect(fromPieces.encode(prompt, 512)).toEqual(padded(t5_512_unpadded))
    }
  })

  test('a hundred sentinels lie before the placeholders, the highest first', async () => {
    const dir = await mkdtemp(join(scratch, 'sentinels-'))
    await writeFile(join(dir, 'spiece.model'), spieceModel())
    const tokenizer = await openT5Tokenizer(dir)
    expect(tokenizer.size).toBe(expected.t5_base_size + 100)
    expect(tokenizer.encode('<extra_id_99>', 8)).toContain(expected.t5_base_size)
    expect(tokenizer.withPlaceholders().placeholderIds.get('[ref#1]')).toBe(expected.t5_base_size + 100)
  })
})

describe('folders that cannot be opened', () => {
  test.each([
    ['dreamo/tokenizer-missing', 'tokenizer.json or spiece.model', {}],
    ['dreamo/tokenizer-invalid', 'expected a valid model.type', { 'tokenizer.json': '{"model": {"type": "BPE"}}' }],
    ['dreamo/tokenizer-invalid', 'expected JSON', { 'tokenizer.json': '' }],
    ['dreamo/tokenizer-invalid', 'a unigram model, got no unknown piece', { 'spiece.model': '' }],
    ['dreamo/tokenizer-invalid', 'expected a SentencePiece model', { 'spiece.model': '\x0a\x7fshort' }],
  ])('%s: %s', async (code, part, files) => {
    const dir = await mkdtemp(join(scratch, 'broken-'))
    for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text)
    const message = expect.stringContaining(part)
    await expect(openT5Tokenizer(dir)).rejects.toMatchObject({ code, userFault: true, message })
  })
})

/** The golden vocabulary as SentencePiece's own file. */
function spieceModel(): Uint8Array {
  const { model } = goldenJson<{ model: { vocab: [string, number][]; unk_id: number } }>(
    'tokenizers/tokenizer_2/tokenizer.json',
  )
  const writer = protobuf.Writer.create()
  for (const [id, [piece, score]] of model.vocab.entries()) {
    const type = id === model.unk_id ? 2 : id < 2 ? 3 : 1
    // SentencePiece: piece = 1 (string), score = 2 (float), type = 3 (enum); field 1 of the model, repeated.
    writer.uint32(10).fork().uint32(10).string(piece).uint32(21).float(score).uint32(24).int32(type).ldelim()
  }
  return writer.finish()
}
