import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddings, toFloat32, writeSafetensors } from '@dreamgraph/weights'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readEmbeddings, segmentRows } from './embeddings.js'

const widths = { hiddenSize: 4, t5Width: 3, where: 'dreamo.safetensors' }
const good = { dreamo_task_embedding: [2, 4], dreamo_idx_embedding: [10, 4], dreamo_t5_embedding: [12, 3] }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embeddings-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Writes embeddings whose values count up, and reads them back. */
async function read(shapes: Record<string, number[]>, options = widths) {
  const path = join(folder, 'embedding.safetensors')
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const data = Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => i)
    return { name, dtype: 'F32' as const, shape, data }
  })
  await writeSafetensors(path, tensors)
  return readEmbeddings(await openEmbeddings(path), options)
}

test('rows are read as they lie; of the T5 table only the last ten count', async () => {
  const embeddings = (await read(good))!
  expect([...embeddings.task]).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  expect(embeddings.index.length).toBe(40)
  expect(embeddings.placeholderRows.shape).toEqual([10, 3])
  expect([...(await toFloat32(embeddings.placeholderRows))].slice(0, 3)).toEqual([6, 7, 8])
})

test('a file without them brings none', async () => {
  expect(await readEmbeddings({}, widths)).toBeUndefined()
})

describe('embeddings that do not fit are refused', () => {
  test.each([
    ['of another model', { ...good, dreamo_task_embedding: [2, 8] }, 'a task embedding of [2 or more, 4], got [2,8]'],
    ['with one task', { ...good, dreamo_task_embedding: [1, 4] }, 'a task embedding of [2 or more, 4], got [1,4]'],
    [
      'with nine indexes',
      { ...good, dreamo_idx_embedding: [9, 4] },
      'an index embedding of [10 or more, 4], got [9,4]',
    ],
    ['for another T5', { ...good, dreamo_t5_embedding: [12, 4] }, 'T5 placeholder rows of [10 or more, 3], got [12,4]'],
    ['with nine words', { ...good, dreamo_t5_embedding: [9, 3] }, 'T5 placeholder rows of [10 or more, 3], got [9,3]'],
    [
      'with a table of three axes',
      { ...good, dreamo_task_embedding: [2, 2, 2] },
      'a task embedding of [2 or more, 4], got [2,2,2]',
    ],
    [
      'without words',
      { dreamo_task_embedding: [2, 4], dreamo_idx_embedding: [10, 4] },
      'T5 placeholder rows of [10 or more, 3], got none',
    ],
  ])('%s', async (_, shapes, message) => {
    await expect(read(shapes)).rejects.toMatchObject({
      code: 'dreamo/embeddings-invalid',
      message: `dreamo.safetensors: expected ${message}`,
    })
  })
})

test('the image gets task row 1, the reference in slot i task row 0 and index row i', () => {
  const task = Float32Array.of(1, 2, 10, 20)
  const index = Float32Array.from({ length: 20 }, (_, i) => 100 * i)
  expect([...segmentRows({ task, index }, [], 2)]).toEqual([10, 20])
  expect([...segmentRows({ task, index }, [1, 9], 2)]).toEqual([10, 20, 201, 302, 1801, 1902])
})
