import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { childEnvironment } from './child-environment.js'

const folder = await mkdtemp(join(tmpdir(), 'runtime-environment-'))
afterAll(() => rm(folder, { recursive: true }))

describe.runIf(process.platform === 'linux')('childEnvironment', () => {
  it('makes the allocator return large blocks, unless the caller decides', () => {
    expect(childEnvironment({ A: 'b' })).toEqual({ A: 'b', MALLOC_MMAP_THRESHOLD_: '1048576' })
    expect(childEnvironment({ MALLOC_MMAP_THRESHOLD_: '7' })).toEqual({ MALLOC_MMAP_THRESHOLD_: '7' })
  })

  it('finds the Vulkan loader beside a driver, after the folders of the caller', async () => {
    const driver = join(folder, 'driver.json')
    expect(childEnvironment({ VK_ICD_FILENAMES: driver }).LD_LIBRARY_PATH).toBeUndefined()
    await writeFile(join(folder, 'libvulkan.so.1'), '')
    expect(
      childEnvironment({ VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: '/own', XDG_RUNTIME_DIR: '/run' }),
    ).toMatchObject({
      LD_LIBRARY_PATH: `/own:${folder}`,
      XDG_RUNTIME_DIR: '/run',
    })
    expect(childEnvironment({ VK_ICD_FILENAMES: driver }).XDG_RUNTIME_DIR).toBe(tmpdir())
  })
})
