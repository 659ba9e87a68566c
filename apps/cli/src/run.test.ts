import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readPictureRecord } from '@dreamgraph/nodes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jsonLines, openPlace, type Place, repository, small } from './testing/command.js'

const examples = join(repository, 'examples/workflows')
const pictures = join(repository, 'examples/pictures')
const textOnly = join(examples, 'text-only.json')
let place: Place
let model: string[]

beforeAll(async () => {
  place = await openPlace()
  model = ['--input', `model=${join(place.folder, 'model')}`]
  expect(await place.run(['models', 'make-random', 'model'])).toMatchObject({ code: 0 })
})
afterAll(() => place.remove())

test.each<[string, number]>([
  ['text-only', 1],
  ['one-subject', 1],
  ['two-subjects', 1],
  ['identity-and-garment', 1],
  ['style', 1],
  ['many-seeds', 4],
])('the example %s runs on a model folder and saves %i', async (name, count) => {
  const { code, stdout } = await place.run(['run', join(examples, `${name}.json`), ...model, ...small])
  expect(code).toBe(0)
  const written = Array.from(stdout.matchAll(/^wrote (.*)$/gm), ([, path]) => path!)
  expect(written).toHaveLength(count)
  for (const path of written) {
    const record = readPictureRecord(await readFile(path))!
    expect(JSON.parse(record.workflow).name).toBe(name)
    expect(record.lock.models.map(({ role }) => role)).toEqual(
      expect.arrayContaining(['transformer', 'vae', 'textEncoder', 'textEncoder2']),
    )
  }
})

describe('--json', () => {
  test('prints JSON lines and nothing else on stdout', async () => {
    const file = join(examples, 'one-subject.json')
    const given = ['--input', `subject=${join(pictures, 'robot.png')}`, '--input', 'seed=random']
    const { code, stdout, stderr } = await place.run(['run', file, ...model, ...small, ...given, '--json'])
    expect(code).toBe(0)
    expect(stderr).toBe('')
    const lines = jsonLines(stdout)
    const types = lines.map(({ type }) => type)
    expect(types.slice(0, 3)).toEqual(['seed', 'device', 'run-started'])
    expect(types.slice(-3)).toEqual(['run-finished', 'written', 'result'])
    const events = lines.filter(({ seq }) => seq !== undefined)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1))
    expect(lines.find(({ node, type }) => node === 'sample' && type === 'node-progress')).toMatchObject({ total: 1 })
    expect(lines.at(-1)).toMatchObject({
      outputs: { picture: '64×64, RGB' },
      missing: {},
      memory: { peakBytes: expect.any(Number), plannedBytes: expect.any(Number) },
    })
    const [path] = lines.at(-1)!.written as string[]
    expect(readPictureRecord(await readFile(path!))!.inputs.seed).toBe(lines[0]!.seed)
  })

  test('ends with the error when there is one', async () => {
    const { code, stdout } = await place.run(['run', textOnly, '--input', 'model=nowhere', '--json'])
    expect(code).toBe(2)
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      type: 'error',
      code: 'nodes/model-missing',
      node: 'model',
      exitCode: 2,
    })
  })

  test('lists every error of a workflow', async () => {
    const wrong = ['--input', 'stepz=1', '--input', 'width=1']
    const { code, stdout } = await place.run(['run', textOnly, ...model, ...wrong, '--json'])
    expect(code).toBe(2)
    expect(jsonLines(stdout)).toEqual([
      expect.objectContaining({
        code: 'cli/workflow-invalid',
        problems: [
          expect.objectContaining({ code: 'check/unknown-input', suggestion: 'steps' }),
          expect.objectContaining({ code: 'check/input-value', path: '/inputs/width' }),
        ],
      }),
    ])
  })
})

test('a second run takes from the cache; --no-cache does not, and both give the same picture', async () => {
  const args = ['run', textOnly, ...model, ...small, '--input', 'seed=11', '--json']
  const runs = [await place.run(args), await place.run(args), await place.run([...args, '--no-cache'])]
  const results = runs.map(({ stdout }) => jsonLines(stdout).at(-1)!)
  const statusOf = (result: Record<string, unknown>) =>
    (result.nodes as { id: string; status: string }[]).find(({ id }) => id === 'sample')?.status
  expect(results.map(statusOf)).toEqual(['ran', 'cached', 'ran'])
  const [first, ...others] = await Promise.all(results.map(({ written }) => readFile((written as string[])[0]!)))
  for (const other of others) expect(other.equals(first!)).toBe(true)
})

test('another seed computes noise, sampling and decoding anew, and nothing before them', async () => {
  const args = ['run', join(examples, 'two-subjects.json'), ...model, ...small, '--json']
  await place.run([...args, '--input', 'seed=21'])
  const { stdout } = await place.run([...args, '--input', 'seed=22'])
  const { nodes } = jsonLines(stdout).at(-1)!
  const ran = (nodes as { id: string; status: string }[]).filter(({ status }) => status === 'ran')
  // A process opens its models itself, and puts conditions together from what is kept.
  const opened = ['conditions', 'model', 'preset']
  expect(ran.map(({ id }) => id).sort()).toEqual([...opened, 'decode', 'noise', 'sample', 'save'].sort())
})

test('--to runs only a node and what it needs', async () => {
  const { code, stdout } = await place.run(['run', textOnly, ...model, ...small, '--to', 'prompt', '--json'])
  expect(code).toBe(0)
  const { nodes, written, missing } = jsonLines(stdout).at(-1)!
  const reached = (nodes as { id: string; status: string }[]).filter(({ status }) => status !== 'not-needed')
  expect(reached.map(({ id }) => id).sort()).toEqual(['model', 'prompt'])
  expect([written, missing]).toEqual([[], { picture: 'not among the targets' }])
})

test('--output names the folder of the pictures', async () => {
  const { code } = await place.run(['run', textOnly, ...model, ...small, '-o', 'else/where', '-i', 'name=fox'])
  expect(code).toBe(0)
  expect(await readdir(join(place.folder, 'else/where'))).toEqual(['fox-0001.png'])
})

test('SIGINT cancels: exit code 130, nothing half-written, the cancelled run said so', async () => {
  let sent = false
  const args = [
    'run',
    textOnly,
    ...model,
    '--input',
    'steps=1000',
    '--input',
    'seed=99',
    '--output',
    'cancelled',
    '--json',
  ]
  const { code, stdout, stderr } = await place.run(args, {
    onStdout(text, pid) {
      if (sent || !text.includes('"label":"steps"')) return
      sent = true
      process.kill(pid, 'SIGINT')
    },
  })
  expect(sent).toBe(true)
  expect(code).toBe(130)
  expect(stderr).toContain('cancelling')
  expect(jsonLines(stdout).at(-2)).toMatchObject({ type: 'run-finished', outcome: 'cancelled' })
  expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'error', code: 'run/cancelled', exitCode: 130 })
  expect(await readdir(join(place.folder, 'cancelled')).catch(() => [])).toEqual([])
})
