import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { placeNames, styleNames, tasks } from '@dreamgraph/world'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { picturesOf, writePrompts } from './folder.js'
import { writePicture } from './picture-files.js'
import { promptsOf } from './prompts.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dreamgraph-eval-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const prompts = promptsOf({ tasks: ['subjects', 'text'], count: 2, difficulty: 0 })

test('prompts say what is wanted, and references lie where they say', async () => {
  await writePrompts(folder, prompts, [1n, 2n])
  const lines = (await readFile(join(folder, 'prompts.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toHaveLength(8)
  expect(lines[1]).toMatchObject({
    id: 'subjects-000',
    task: 'subjects',
    caption: prompts[0].sample.caption,
    seed: 2,
    picture: 'subjects-000-2.png',
  })
  for (const { slot, file } of lines[0].references) {
    const { data, info } = await sharp(join(folder, file)).raw().toBuffer({ resolveWithObject: true })
    expect([info.width, info.height]).toEqual([64, 64])
    expect(Buffer.from(prompts[0].sample.references[slot - 1].picture.data).equals(data)).toBe(true)
  }
})

test('a picture is read as it was written', async () => {
  const [{ id, sample }] = prompts
  await writePicture(join(folder, `${id}-1.png`), sample.target)
  expect((await picturesOf(folder)(prompts[0], 1n)).data).toEqual(sample.target.data)
})

test('missing, odd-sized and broken pictures are named with the rule', async () => {
  const read = picturesOf(folder)
  const [, { id }] = prompts
  const path = join(folder, `${id}-1.png`)
  await expect(read(prompts[1], 1n)).rejects.toMatchObject({
    code: 'eval/picture-missing',
    message: `${path}: expected a picture for each line of the prompts, got ENOENT`,
  })
  await writePicture(path, { width: 64, height: 32, data: new Uint8Array(64 * 32 * 3) })
  await expect(read(prompts[1], 1n)).rejects.toMatchObject({
    code: 'eval/picture-invalid',
    message: `${path}: expected 128 × 128 pixels in colour, got 64 × 32 with 3 channels`,
  })
  await writeFile(path, 'no picture')
  await expect(read(prompts[1], 1n)).rejects.toMatchObject({ code: 'eval/picture-invalid' })
})

test.each([
  [{ count: 0 }, /count: expected a whole number from 1 to 1000, got 0/],
  [{ difficulty: 2 }, /difficulty: expected a number from 0 to 1, got 2/],
  [{ tasks: [] }, /tasks: expected some of text, .*, got none/],
])('a set that cannot be drawn is refused: %j', (wish, message) => {
  expect(() => promptsOf({ tasks: ['text'], count: 1, difficulty: 0, ...wish })).toThrow(message)
})

test('no two prompts of a set share a scene; styles and places come as often as each other', () => {
  const prompts = promptsOf({ tasks, count: 16, difficulty: 0 })
  const scenes = prompts.map(({ sample: { scene } }) => JSON.stringify(scene))
  expect(new Set(scenes).size).toBe(prompts.length)
  const faces = prompts.flatMap(({ sample }) =>
    sample.scene.actors.flatMap((actor) => (actor.type === 'person' ? [JSON.stringify(actor.person.face)] : [])),
  )
  expect(new Set(faces).size).toBeGreaterThan(0.9 * faces.length) // two are the same by chance now and then
  for (const task of tasks) {
    const own = prompts.filter((prompt) => prompt.task === task).map(({ sample }) => sample.scene)
    const isAboutStyle = task === 'style' || task === 'style-text'
    const names = own.map(({ style, regions }) => (isAboutStyle ? style : regions[0].place))
    const each = isAboutStyle ? styleNames : placeNames
    const [least, most] = [Math.min, Math.max].map((of) =>
      of(...each.map((name) => names.filter((n) => n === name).length)),
    )
    expect([least, most - least <= 1], task).toEqual([Math.floor(16 / each.length), true])
  }
})

test('another draw has other prompts', () => {
  const captions = (draw?: string) =>
    promptsOf({ tasks: ['subject'], count: 4, difficulty: 0, draw }).map(({ sample }) => sample.caption)
  expect(captions('trying out')).not.toEqual(captions())
  expect(captions('evaluation')).toEqual(captions())
})

test('a larger set begins with the smaller one', () => {
  const [two, five] = [2, 5].map((count) => promptsOf({ tasks: ['text'], count, difficulty: 0 }))
  expect(five.slice(0, 2).map(({ sample }) => sample.caption)).toEqual(two.map(({ sample }) => sample.caption))
})
