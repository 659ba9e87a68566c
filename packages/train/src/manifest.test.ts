import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readManifest } from './manifest.js'

let folder = ''
const picture = (name: string, width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#888' } }).toFile(join(folder, name))

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'manifest-'))
  await picture('beach.png', 64, 48)
  await picture('dog.jpg', 32, 32)
  await picture('where.png', 64, 48)
  await picture('small.png', 32, 24)
  const pixels = Buffer.from(Array.from({ length: 64 * 48 * 3 }, (_, i) => (i * i) % 251))
  await sharp(pixels, { raw: { width: 64, height: 48, channels: 3 } }).toFile(join(folder, 'noise.png'))
  await writeFile(join(folder, 'text.png'), 'not a picture')
  const whole = await readFile(join(folder, 'noise.png'))
  await writeFile(join(folder, 'torn.png'), whole.subarray(0, whole.length / 2))
})
afterAll(() => rm(folder, { recursive: true }))

const reference = { image: 'dog.jpg', task: 'ip', mask: 'where.png' }
const good = {
  target: 'beach.png',
  task: 'subject',
  caption: 'a dog at the sea',
  placeholders: { 1: 'a dog' },
  references: [reference],
}

async function read(lines: readonly (object | string)[], tasks?: readonly string[]) {
  const file = join(folder, 'manifest.jsonl')
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  await writeFile(file, `${text}\n`)
  return readManifest(file, tasks ? { tasks } : {})
}

it('reads samples with sizes, slots and both captions', async () => {
  const [sample, second] = await read([good, '', { target: 'beach.png', task: 'text', caption: 'the sea' }])
  expect(sample).toMatchObject({
    line: 1,
    task: 'subject',
    target: { path: join(folder, 'beach.png'), size: { width: 64, height: 48 } },
    references: [{ slot: 1, task: 'ip', picture: { size: { width: 32, height: 32 } }, mask: { size: { height: 48 } } }],
    caption: 'a dog [ref#1] at the sea',
    plainCaption: 'a dog at the sea',
  })
  expect(second).toMatchObject({ line: 3, references: [] })
})

it.each<[string, object | string, RegExp]>([
  ['no JSON', '{"target": ', /:1: expected JSON/],
  ['an unknown field', { ...good, tarket: 1 }, /:1: sample: .*tarket/],
  ['no target', { ...good, target: undefined }, /:1: target: /],
  ['a missing file', { ...good, target: 'none.png' }, /:1: target: expected a picture .* got none\.png/],
  ['a file that is no picture', { ...good, target: 'text.png' }, /:1: target: expected a picture/],
  ['a picture that ends too soon', { ...good, target: 'torn.png' }, /:1: target: expected a picture .* got torn\.png/],
  ['a path out of the folder', { ...good, target: '../beach.png' }, /:1: target: expected a picture/],
  [
    'a mask of another size',
    { ...good, references: [{ ...reference, mask: 'small.png' }] },
    /:1: references\.0\.mask: expected the target's size 64×48, got 32×24/,
  ],
  [
    'a caption that names an absent reference',
    { ...good, caption: 'a dog and [ref#2]' },
    /:1: caption: expected a reference from 1 to 1, got \[ref#2\]/,
  ],
  ['a placeholder written otherwise', { ...good, caption: 'a dog [Ref 1]' }, /:1: caption: expected \[ref#1\], got/],
  [
    'a placeholder that stands twice',
    { ...good, caption: 'a dog [ref#1] and [ref#1]', placeholders: {} },
    /:1: caption: expected \[ref#1\] once, got it again/,
  ],
  [
    'a phrase for two references',
    { ...good, placeholders: { 1: 'a dog', 2: 'a dog' }, references: [reference, reference] },
    /:1: placeholders\.2: expected a phrase of its own, got "a dog" again/,
  ],
  ['a phrase for an absent reference', { ...good, placeholders: { 2: 'a dog' } }, /:1: placeholders\.2: expected/],
  ['a phrase that is not there', { ...good, placeholders: { 1: 'a cat' } }, /:1: placeholders\.1: .*"a cat"/],
  [
    'a phrase that is a part of a word',
    { ...good, caption: 'a hotdog at the sea', placeholders: { 1: 'dog' } },
    /:1: placeholders\.1: expected whole words of the caption.*"dog"/,
  ],
  [
    'a phrase that stands only inside another',
    { ...good, caption: 'a red car', placeholders: { 1: 'car', 2: 'red car' }, references: [reference, reference] },
    /:1: placeholders\.1: expected whole words of the caption, apart from those of other placeholders, got "car"/,
  ],
  [
    'a task that references do not have',
    { ...good, references: [{ ...reference, task: 'face' }] },
    /references\.0\.task/,
  ],
])('refuses %s with its line', async (_, bad, message) => {
  await expect(read([bad])).rejects.toMatchObject({
    code: 'train/manifest-invalid',
    userFault: true,
    message: expect.stringMatching(message),
  })
})

it.each<[string, Record<string, string>, string]>([
  ['a woman and a man at the sea', { 1: 'man' }, 'a woman and a man [ref#1] at the sea'],
  ['a red car and a car', { 1: 'car', 2: 'red car' }, 'a red car [ref#2] and a car [ref#1]'],
  ['a dog house with a dog', { 1: 'a dog', 2: 'a dog house' }, 'a dog house [ref#2] with a dog [ref#1]'],
  ['a cat [ref#2] and a dog', { 1: 'a dog', 2: 'a cat' }, 'a cat [ref#2] and a dog [ref#1]'],
  ['海边的狗', { 1: '狗' }, '海边的狗 [ref#1]'],
])('names references in "%s" where whole words say so', async (caption, placeholders, named) => {
  const [sample] = await read([{ ...good, caption, placeholders, references: [reference, reference] }])
  expect(sample.caption).toBe(named)
})

it('tells of all faults at once', async () => {
  const bad = [{ ...good, target: 'none.png', caption: '[ref#3]', placeholders: {} }, good, '[]']
  const error: Error = await read(bad).then(
    () => expect.unreachable(),
    (fault: Error) => fault,
  )
  const places = error.message.split('\n').map((line) => /:(\d+): (\w+)/.exec(line)?.slice(1))
  expect(places).toEqual([
    ['1', 'target'],
    ['1', 'caption'],
    ['3', 'sample'],
  ])
})

it('wants samples, and one for each task of the mixture', async () => {
  await expect(read(['', ''])).rejects.toThrow(/expected a sample, got an empty manifest/)
  await expect(read([good], ['subject', 'style'])).rejects.toThrow(/expected a sample of task "style", got subject/)
  await expect(readManifest(join(folder, 'none.jsonl'))).rejects.toMatchObject({ code: 'train/manifest-invalid' })
})
