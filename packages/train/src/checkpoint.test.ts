import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { checkpointSteps, readCheckpoint, stepsDone, writeCheckpoint } from './checkpoint.js'
import { parseTrainConfig, stageIdentity } from './train-config.js'

const root = await mkdtemp(join(tmpdir(), 'checkpoint-'))
afterAll(() => rm(root, { recursive: true }))

const identity = (change: object = {}, rest: object = {}): string =>
  stageIdentity(parseTrainConfig({ stages: [{ name: 'a', steps: 9, mixture: { subject: 1 }, ...change }], ...rest }), 0)
const run = (own = identity(), steps = 9) => ({ identity: own, steps })
const state = new Map([['p', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }]])

it('comes back as it was written, the newest of those that are kept', async () => {
  const folder = join(root, 'kept')
  for (const step of [1, 2, 3]) await writeCheckpoint(folder, { step, identity: identity(), state }, 2)
  expect(await checkpointSteps(folder)).toEqual([2, 3])
  expect(await readCheckpoint(folder, run())).toEqual({ step: 3, identity: identity(), state })
  expect(await stepsDone(folder, run())).toBe(3)
})

it('of another config is refused with the numbers that differ, by name', async () => {
  const folder = join(root, 'other')
  await writeCheckpoint(folder, { step: 1, identity: identity(), state }, 2)
  const other = identity({ schedule: { peak: 0.5 }, mixture: { subject: 1, style: 2 } }, { rank: 4 })
  await expect(readCheckpoint(folder, run(other))).rejects.toMatchObject({
    code: 'train/checkpoint-invalid',
    message: expect.stringMatching(
      /step-00000001\.safetensors: expected a checkpoint of this config .* got one of rank 128 in place of 4, stages\.0\.schedule\.peak 0\.00004 in place of 0\.5, stages\.0\.mixture\.style absent in place of 2$/,
    ),
  })
  await expect(readCheckpoint(folder, run('another kind of run'))).rejects.toThrow(
    /identity absent in place of another kind/,
  )
  const mixed = (mixture: object) => run(identity({ mixture }))
  await writeCheckpoint(folder, { step: 2, state, identity: mixed({ subject: 1, style: 1 }).identity }, 2)
  await expect(readCheckpoint(folder, mixed({ style: 1, subject: 1 }))).rejects.toThrow(
    /the same numbers in another order/,
  )
})

it('of more steps than are asked for is refused: it is not what was asked for', async () => {
  const folder = join(root, 'more')
  await writeCheckpoint(folder, { step: 5, identity: identity(), state }, 2)
  const refusal = /step-00000005\.safetensors: expected a checkpoint of 4 steps at most.* got one of 5$/
  await expect(readCheckpoint(folder, run(identity(), 4))).rejects.toThrow(refusal)
  await expect(stepsDone(folder, run(identity(), 4))).rejects.toThrow(refusal)
})

it('of a folder that cannot be read is not taken for none', async () => {
  const file = join(root, 'no-folder')
  await writeFile(file, '')
  await expect(stepsDone(file, run())).rejects.toMatchObject({
    code: 'train/checkpoint-invalid',
    message: `${file}: expected a readable folder, got ENOTDIR`,
  })
})

it('that the disk has no room for leaves the older one and no rubbish', async () => {
  const folder = join(root, 'full')
  await writeCheckpoint(folder, { step: 1, identity: identity(), state }, 2)
  const before = await readFile(join(folder, 'step-00000001.safetensors'))
  const code = `
    import { writeCheckpoint } from ${JSON.stringify(new URL('../dist/checkpoint.js', import.meta.url))}
    const run = (own = identity(), steps = 9) => ({ identity: own, steps })
const state = new Map([['p', { shape: [100000], data: new Float32Array(100000) }]])
    await writeCheckpoint(process.argv[1], { step: 2, identity: '{}', state }, 1).catch(({ code }) => console.log(code))`
  // No file of this shell may grow beyond 64 KiB: writes fail as on a full disk.
  const shell = `ulimit -f 64; exec "$0" --input-type=module -e "$1" "$2"`
  const said = await new Promise<string>((resolve, reject) => {
    execFile('bash', ['-c', shell, process.execPath, code, folder], (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    )
  })
  expect(said.trim()).toBe('store/write-failed')
  expect(await readdir(folder)).toEqual(['step-00000001.safetensors'])
  expect((await readFile(join(folder, 'step-00000001.safetensors'))).equals(before)).toBe(true)
})
