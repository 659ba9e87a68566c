import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { LocalWorkers } from './local-workers.js'

test('with several GPUs each worker is told its own', async (context) => {
  if (process.platform !== 'linux') return context.skip('only Linux shows the environment of a process')
  vi.stubEnv('CUDA_VISIBLE_DEVICES', '4,6')
  const home = await mkdtemp(join(tmpdir(), 'workers-'))
  const workers = new LocalWorkers({
    ...{ count: 3, url: 'http://127.0.0.1:9', token: 'none', device: 'cpu', quantize: undefined, home, packs: [] },
    ...{ onLog: () => {}, onDeath: () => {} },
  })
  try {
    const told = await Promise.all(
      workers.pids.map(async (pid) => {
        const variables = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0')
        return variables.filter((variable) => variable.startsWith('CUDA_VISIBLE_DEVICES='))
      }),
    )
    expect(told).toEqual([['CUDA_VISIBLE_DEVICES=4'], ['CUDA_VISIBLE_DEVICES=6'], ['CUDA_VISIBLE_DEVICES=4']])
  } finally {
    await workers.stop()
    vi.unstubAllEnvs()
    await rm(home, { recursive: true, force: true })
  }
})
