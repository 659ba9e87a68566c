import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gpuOf, gpus, workerCount } from './gpus.js'

let driver = ''
beforeAll(async () => {
  driver = await mkdtemp(join(tmpdir(), 'gpus-'))
  for (const address of ['0000:41:00.0', '0000:81:00.0']) await mkdir(join(driver, address))
})
afterAll(() => rm(driver, { recursive: true }))

test('GPUs are those of the driver, or those that CUDA_VISIBLE_DEVICES names', () => {
  expect(gpus({}, driver)).toEqual(['0', '1'])
  expect(gpus({}, join(driver, 'absent'))).toEqual([])
  expect(gpus({ CUDA_VISIBLE_DEVICES: '3, GPU-8932f937' }, driver)).toEqual(['3', 'GPU-8932f937'])
  expect(gpus({ CUDA_VISIBLE_DEVICES: '' }, driver)).toEqual([])
  expect(gpus({ CUDA_VISIBLE_DEVICES: '1,-1,0' }, driver)).toEqual(['1']) // CUDA looks no further than the first bad one
})

test('a worker for each GPU where models may run there, else one', () => {
  expect(['auto', 'cuda', 'cpu', 'webgpu', undefined].map((device) => workerCount(device, ['0', '1']))).toEqual([
    2, 2, 1, 1, 2,
  ])
  expect(workerCount('cuda', [])).toBe(1)
})

test('workers take the GPUs in turn; with one GPU or none nobody is told', () => {
  expect([1, 2, 3].map((index) => gpuOf(index, ['0', '1']))).toEqual(['0', '1', '0'])
  expect(gpuOf(1, ['0'])).toBeUndefined()
  expect(gpuOf(2, [])).toBeUndefined()
})
