import { expect, test } from 'vitest'
import { chooseFiles, matches } from './choose-files.js'

test.each([
  ['*.json', 'a/b/config.json', true],
  ['*.json', 'config.json.txt', false],
  ['vae/*', 'vae/a/b', true],
  ['vae/*', 'vae', false],
  ['a*b*a', 'aba', true],
  ['a*a', 'a', false],
  ['*ab*ab', 'ab', false],
  ['*', '', true],
  ['a.c', 'abc', false],
  ['config.json', 'vae/config.json', false],
])('%s on %s: %s', (pattern, path, expected) => {
  expect(matches(pattern, path)).toBe(expected)
})

test('a hostile pattern takes no longer than others', () => {
  const startedAtMs = Date.now()
  expect(matches('*a'.repeat(250), 'a'.repeat(249))).toBe(false)
  expect(Date.now() - startedAtMs).toBeLessThan(100)
})

test('the files of FLUX.1-dev: the folders come, single files and the rest do not', () => {
  const paths = [
    ['LICENSE.md', 'README.md', 'dev_grid.jpg', '.gitattributes', 'ae.safetensors', 'flux1-dev.safetensors'],
    [
      'model_index.json',
      'scheduler/scheduler_config.json',
      'text_encoder/config.json',
      'text_encoder/model.safetensors',
    ],
    ['text_encoder_2/model-00001-of-00002.safetensors', 'text_encoder_2/model.safetensors.index.json'],
    [
      'tokenizer/merges.txt',
      'tokenizer_2/spiece.model',
      'transformer/diffusion_pytorch_model-00001-of-00003.safetensors',
    ],
  ].flat()
  const listing = { repo: 'o/m', commit: '', files: paths.map((path) => ({ path, sizeBytes: 1, hash })) }
  const { files, skipped } = chooseFiles(listing)
  expect(files.map(({ path }) => path)).toEqual(paths.slice(6))
  expect(skipped.map(({ path }) => path)).toEqual(['ae.safetensors', 'flux1-dev.safetensors'])
})

const hash = { algorithm: 'sha256', hex: '' } as const
