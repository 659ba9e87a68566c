import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Workflow } from '@dreamgraph/graph'
import { expect, test } from 'vitest'
import { readInputs } from './inputs.js'

const types = ['text', 'int', 'float', 'boolean', 'seed', 'file', 'json', 'list<seed>', 'list<text>', 'list<int>']
const workflow: Workflow = {
  dreamgraph: 2,
  nodes: {},
  inputs: Object.fromEntries(types.map((type) => [type.replace(/\W/g, '-'), { type, to: [] }])),
}

test.each([
  ['text=a cat = a dog', { text: 'a cat = a dog' }],
  ['text=', { text: '' }],
  ['text=@@home', { text: '@home' }],
  ['int=-3', { int: -3 }],
  ['float=1e-3', { float: 0.001 }],
  ['boolean=true', { boolean: true }],
  ['seed=18446744073709551615', { seed: '18446744073709551615' }],
  ['file=@odd name.png', { file: '@odd name.png' }],
  ['json={"a": [1]}', { json: { a: [1] } }],
  ['list-seed-=7', { 'list-seed-': ['7'] }],
  ['list-seed-=["1", "2"]', { 'list-seed-': ['1', '2'] }],
  ['unknown=kept as text', { unknown: 'kept as text' }],
])('%s', async (pair, values) => {
  expect(await readInputs([pair], workflow)).toEqual({ values, drawn: [] })
})

test.each([
  ['no equals sign', 'name=value'],
  ['=value', 'name=value'],
  ['int=1.5', 'a whole number, got 1.5'],
  ['int=', 'a whole number, got nothing'],
  ['float=wide', 'a number, got wide'],
  ['float= ', 'a number'],
  ['boolean=yes', 'true or false, got yes'],
  ['json={', 'JSON, got {'],
  ['list-int-=[1', 'JSON, got [1'],
  ['list-int-=x', 'a whole number, got x'],
])('%s is refused', async (pair, message) => {
  await expect(readInputs([pair], workflow)).rejects.toMatchObject({
    code: 'cli/input-invalid',
    message: expect.stringContaining(message),
  })
})

test('a list takes repeated options in order, a single value only one', async () => {
  const { values } = await readInputs(['list-text-=b', 'list-text-=a', 'list-text-=["c"]'], workflow)
  expect(values).toEqual({ 'list-text-': ['b', 'a', 'c'] })
  await expect(readInputs(['int=1', 'int=2'], workflow)).rejects.toThrow('one value, got several')
})

test('a random seed is drawn, told, and different each time', async () => {
  const draws = await Promise.all([1, 2].map(() => readInputs(['seed=random'], workflow)))
  for (const { values, drawn } of draws) expect(drawn).toEqual([{ input: 'seed', seed: values.seed }])
  expect(draws[0]!.values.seed).not.toBe(draws[1]!.values.seed)
})

test('a text may come from a file, without its last line break', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'inputs-'))
  const path = join(folder, 'prompt.txt')
  await writeFile(path, 'two\nlines ö\r\n')
  expect((await readInputs([`text=@${path}`], workflow)).values).toEqual({ text: 'two\nlines ö' })
  await writeFile(path, Uint8Array.of(0xff, 0xfe))
  await expect(readInputs([`text=@${path}`], workflow)).rejects.toMatchObject({ code: 'cli/file-unreadable' })
  await rm(folder, { recursive: true })
  await expect(readInputs([`text=@${path}`], workflow)).rejects.toMatchObject({ code: 'cli/file-unreadable' })
})
