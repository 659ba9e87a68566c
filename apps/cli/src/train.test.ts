import { spawn } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeRandomModel } from '@dreamgraph/nodes'
import { openLora, toFloat32 } from '@dreamgraph/weights'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jsonLines, openPlace, type Place, program } from './testing/command.js'

let place: Place
const timeout = 600_000

const stage = { name: 'words', steps: 4, mixture: { text: 1 }, schedule: { peak: 1e-3, warmupSteps: 0 } }
const file = {
  model: 'model',
  data: { manifest: 'pictures', image: { width: 32, height: 32 }, reference: { width: 32, height: 32 } },
  out: 'runs/first',
  rank: 2,
  textTokens: 16,
  checkpointEvery: 1,
  device: 'cpu',
  stages: [stage],
}
const line = { target: 'sea.png', task: 'text', caption: 'the sea' }
const reference = { image: 'dog.png', task: 'ip', mask: 'where.png' }
const dog = { target: 'sea.png', task: 'subject', caption: 'a dog [ref#1] at the sea', references: [reference] }

beforeAll(async () => {
  place = await openPlace()
  await writeRandomModel(join(place.folder, 'model'), { seed: 7n })
  await mkdir(join(place.folder, 'pictures'))
  const picture = (name: string, width: number, background: string) =>
    sharp({ create: { width, height: 32, channels: 3, background } })
      .png()
      .toFile(join(place.folder, 'pictures', name))
  await picture('sea.png', 32, '#48c')
  await picture('dog.png', 32, '#840')
  await picture('where.png', 32, '#fff')
  await picture('wide.png', 48, '#fff')
  await writeFile(join(place.folder, 'pictures/words.png'), 'words')
  await manifest([line, dog])
})
afterAll(() => place.remove())

const manifest = (lines: readonly object[], folder = 'pictures') =>
  writeFile(join(place.folder, folder, 'manifest.jsonl'), lines.map((each) => JSON.stringify(each)).join('\n'))

async function train(change: object = {}, args: readonly string[] = [], hooks: Parameters<Place['run']>[1] = {}) {
  await writeFile(join(place.folder, 'train.json'), JSON.stringify({ ...file, ...change }))
  return place.run(['train', 'train.json', ...args], hooks)
}

/** Everything that a run leaves, by path. */
async function filesOf(folder: string): Promise<Record<string, string>> {
  const root = join(place.folder, folder)
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const pairs = paths.map(async (path) => [path.slice(root.length + 1), (await readFile(path)).toString('base64')])
  return Object.fromEntries(await Promise.all(pairs))
}

/** Whether the run's stages have equal files; run.json says on what, which is equal too. */
const wholeRun = async (): Promise<Record<string, string>> => {
  if (!(await readdir(join(place.folder, 'runs/whole')).catch(() => undefined))) {
    expect(await train({ out: 'runs/whole' })).toMatchObject({ code: 0 })
  }
  return filesOf('runs/whole')
}

test('a training file becomes an adapter that pictures are painted with', { timeout }, async () => {
  const subjects = { ...stage, name: 'subjects', steps: 1, mixture: { subject: 1 } }
  const { code, stdout } = await train({ out: 'runs/two', stages: [{ ...stage, steps: 1 }, subjects] }, ['--json'])
  expect(code).toBe(0)
  const lines = jsonLines(stdout)
  expect(lines.filter(({ type }) => type === 'step').map(({ stage: name, step }) => `${name} ${step}`)).toEqual([
    'words 1',
    'subjects 1',
  ])
  expect(lines.find(({ type }) => type === 'step')).toMatchObject({
    losses: { diff: expect.any(Number) },
    timeLeftMs: 0,
  })
  const path = join(place.folder, 'runs/two/DreamO/dreamo.safetensors')
  expect(lines.at(-1)).toMatchObject({ type: 'result', written: [path] })
  const small = [
    'width=64',
    'height=64',
    'resolution=32',
    'steps=1',
    'text-tokens=16',
    'model=model',
    `adapter=${path}`,
  ]
  const inputs = small.flatMap((pair) => ['--input', pair])
  const workflow = new URL('../../../examples/workflows/own-adapter.json', import.meta.url).pathname
  const painted = await place.run(['run', workflow, ...inputs])
  expect(painted).toMatchObject({ code: 0, stdout: expect.stringContaining('picture: 64×64, RGB') })
})

test('an adapter goes on from a file, and only from the one that it was begun with', { timeout }, async () => {
  const still = { ...stage, steps: 1, schedule: { peak: 1e-12, warmupSteps: 0 } }
  const adapter = (run: string) => openLora(join(place.folder, run, 'DreamO/dreamo.safetensors'))
  await train({ out: 'runs/start', stages: [{ ...stage, steps: 1 }] })
  const on = { out: 'runs/on', rank: 6, start: 'runs/start/DreamO/dreamo.safetensors', stages: [still] }
  expect(await train(on)).toMatchObject({ code: 0 })
  const [before, after] = [await adapter('runs/start'), await adapter('runs/on')]
  const [module, { up }] = [...before.modules].find(([name]) => name.endsWith('proj_out'))!
  const values = await toFloat32(up)
  expect(Math.max(...values)).toBeGreaterThan(0) // it has learnt
  const { up: on6 } = after.modules.get(module)!
  const kept = await toFloat32(on6)
  const [rank, newRank] = [up.shape[1]!, on6.shape[1]!]
  const offs = [...values].map((value, i) => Math.abs(value - kept[Math.floor(i / rank) * newRank + (i % rank)]!))
  expect(Math.max(...offs)).toBeLessThan(1e-6)
  const without = await train({ ...on, start: undefined })
  expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('expected the start that this run was') })
  const another = await train({ ...on, start: 'runs/on/DreamO/dreamo.safetensors' })
  expect(another).toMatchObject({ code: 2, stderr: expect.stringContaining('expected the start that this run was') })
  const missing = await train({ ...on, start: 'none.safetensors' })
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringMatching(/none\.safetensors/) })
})

test('--check says what there is and what it takes, and leaves nothing', { timeout }, async () => {
  const short = { ...stage, schedule: { peak: 1e-3 } }
  const { code, stdout, stderr } = await train({ out: 'runs/checked', stages: [short] }, ['--check'])
  expect(code).toBe(0)
  expect(stderr).toContain('stage words: its warm-up takes 100 of 4 steps, so its learning rate stays below the peak')
  expect(stdout).toMatch(/samples +text +1\nsamples +subject +1\nstage words +0 references +takes [\d.]+ MB/)
  expect(await readdir(join(place.folder, 'runs/checked')).catch(() => 'none')).toBe('none')
})

describe('bad data', () => {
  test.each<[string, object, RegExp]>([
    ['a missing file', { target: 'none.png' }, /manifest\.jsonl:2: target: expected a picture .* got none\.png/],
    ['a file that is no picture', { target: 'words.png' }, /manifest\.jsonl:2: target: expected a picture/],
    [
      'a mask of another size',
      { references: [{ ...reference, mask: 'wide.png' }] },
      /:2: references\.0\.mask: expected the target's size 32×32, got 48×32/,
    ],
    [
      'an absent reference',
      { caption: 'a dog [ref#2]' },
      /:2: caption: expected a reference from 1 to 1, got \[ref#2\]/,
    ],
    ['a placeholder that stands twice', { caption: '[ref#1] [ref#1]' }, /:2: caption: expected \[ref#1\] once/],
  ])('%s stops with its line before a model is opened', async (_, change, message) => {
    await mkdir(join(place.folder, 'bad'), { recursive: true })
    await cp(join(place.folder, 'pictures'), join(place.folder, 'bad'), { recursive: true })
    await manifest([line, { ...dog, ...change }], 'bad')
    const { code, stderr } = await train({ model: 'none', data: { manifest: 'bad' } })
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/^error train\/manifest-invalid: /)
    expect(code).toBe(2)
  })

  test('a faulty training file, a model that is not there, a task without samples', async () => {
    const faulty = await train({ stages: [{ ...stage, steps: 0 }], format: 'onnx' })
    expect(faulty).toMatchObject({ code: 2, stderr: expect.stringMatching(/format: .*\n.*stages\.0\.steps: /) })
    const unknown = await train({ model: 'nowhere' })
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('error nodes/model-missing') })
    const styles = await train({ stages: [{ ...stage, mixture: { style: 1 } }] })
    expect(styles).toMatchObject({ code: 2, stderr: expect.stringContaining('a sample of task "style"') })
  })
})

describe('no checkpoint is lost', () => {
  test('kill -9 at any moment: the same command ends in the same bytes', { timeout }, async () => {
    await rm(join(place.folder, 'runs/killed'), { recursive: true, force: true })
    for (const seen of [1, 2]) {
      let isKilled = false
      const { code } = await train({ out: 'runs/killed' }, ['--json'], {
        onStdout(text, pid) {
          if (isKilled || text.split('"type":"step"').length <= seen) return
          isKilled = true
          process.kill(pid, 'SIGKILL')
        },
      })
      expect([isKilled, code]).toEqual([true, null])
    }
    expect(await train({ out: 'runs/killed' })).toMatchObject({ code: 0 })
    expect(await filesOf('runs/killed')).toEqual(await wholeRun())
  })

  test('Ctrl-C stops between two steps with a checkpoint, and the same command goes on', { timeout }, async () => {
    let isSent = false
    const stopped = await train({ out: 'runs/stopped', checkpointEvery: 100 }, ['--json'], {
      onStdout(text, pid) {
        if (isSent || !text.includes('"type":"step"')) return
        isSent = true
        process.kill(pid, 'SIGINT')
      },
    })
    expect(stopped).toMatchObject({ code: 130, stderr: expect.stringContaining('stopping after this step') })
    expect(jsonLines(stopped.stdout).at(-1)).toMatchObject({ code: 'train/stopped', exitCode: 130 })
    const again = await train({ out: 'runs/stopped', checkpointEvery: 100 })
    expect(again).toMatchObject({ code: 0, stderr: expect.stringMatching(/goes on after step \d of 4 of stage words/) })
    const adapter = 'DreamO/dreamo.safetensors'
    expect((await filesOf('runs/stopped'))[adapter]).toBe((await wholeRun())[adapter])
  })

  test('a loss that is no number stops with step, task, values and advice; the checkpoint before it stays, and takes no other rate', {
    timeout,
  }, async () => {
    // A learning rate of 1 on a LoRA that acts 2e19 times: too far in one step.
    const wild = { out: 'runs/wild', alpha: 4e19, stages: [{ ...stage, schedule: { peak: 1, warmupSteps: 0 } }] }
    const message =
      /error train\/diverged: stage words, step 2, task text: expected finite losses and gradients, got diff (NaN|Inf)/
    const { code, stderr } = await train(wild)
    expect(stderr).toMatch(message)
    expect(code).toBe(1)
    const before = await filesOf('runs/wild')
    expect(Object.keys(before)).toContain('1-words/step-00000001.safetensors')
    const again = await train(wild)
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('goes on after step 1 of 4 of stage words'),
    })
    expect(again.stderr).toMatch(message)
    expect(again.stderr).toContain('begin in another folder, with a lower learning rate')
    const tamer = await train({ ...wild, stages: [{ ...stage, schedule: { peak: 1e-9, warmupSteps: 0 } }] })
    expect(tamer).toMatchObject({ code: 2, stderr: expect.stringContaining('schedule.peak 1 in place of') })
    expect(await filesOf('runs/wild')).toEqual(before)
    const elsewhere = { ...wild, out: 'runs/tame', stages: [{ ...stage, schedule: { peak: 1e-30, warmupSteps: 0 } }] }
    expect(await train(elsewhere)).toMatchObject({ code: 0 })
  })

  test('another config, other data or another model are refused by name, and change nothing', { timeout }, async () => {
    const before = await wholeRun()
    const refusal = async (change: object): Promise<string> => {
      const { code, stderr } = await train({ out: 'runs/whole', ...change })
      expect(code).toBe(2)
      expect(await filesOf('runs/whole')).toEqual(before)
      return stderr
    }
    expect(await refusal({ rank: 3 })).toMatch(
      /train\/checkpoint-invalid: .*step-00000004\.safetensors.* rank 2 in place of 3/,
    )
    expect(await refusal({ textTokens: 17 })).toMatch(/run\.json: expected the textTokens .*\(16\), got 17/)
    expect(await refusal({ data: { ...file.data, image: { width: 48, height: 32 } } })).toMatch(
      /run\.json: expected the data/,
    )
    await writeRandomModel(join(place.folder, 'other'), { seed: 8n })
    expect(await refusal({ model: 'other' })).toMatch(/run\.json: expected the model/)
  })

  test('a disk without room fails with a code, keeps what there is, and the same command goes on', {
    timeout,
  }, async () => {
    await cp(join(place.folder, 'runs/whole'), join(place.folder, 'runs/full'), { recursive: true })
    const stageFolder = join(place.folder, 'runs/full/1-words')
    await rm(join(stageFolder, 'step-00000004.safetensors'))
    const before = await readFile(join(stageFolder, 'step-00000003.safetensors'))
    await writeFile(join(place.folder, 'train.json'), JSON.stringify({ ...file, out: 'runs/full' }))
    // No file may grow beyond 32 KiB: writes of a checkpoint fail as on a full disk.
    const shell = 'ulimit -f 32; exec "$0" "$1" train train.json'
    const env = { ...process.env, DREAMGRAPH_HOME: join(place.folder, 'home') }
    const child = spawn('bash', ['-c', shell, process.execPath, program], { cwd: place.folder, env })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect(stderr).toContain('error store/write-failed')
    expect(code).toBe(1)
    expect((await readFile(join(stageFolder, 'step-00000003.safetensors'))).equals(before)).toBe(true)
    expect(await train({ out: 'runs/full' })).toMatchObject({ code: 0 })
    expect(await filesOf('runs/full')).toEqual(await wholeRun())
  })
})
