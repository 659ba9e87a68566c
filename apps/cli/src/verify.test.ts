import { appendFile, cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonLines, openPlace, type Place, repository, small } from './testing/command.js'

const examples = join(repository, 'examples/workflows')
let place: Place
let first: string
let second: string

/** Saves a picture and returns its path. */
async function paint(workflow: string, ...args: string[]): Promise<string> {
  const { stdout } = await place.run(['run', join(examples, workflow), '--input', 'model=model', ...small, ...args])
  return /^wrote (.*)$/m.exec(stdout)![1]!
}

beforeAll(async () => {
  place = await openPlace()
  await place.run(['models', 'make-random', 'model'])
  first = await paint('text-only.json', '--input', 'seed=1')
  second = await paint('text-only.json', '--input', 'seed=2')
})
afterAll(() => place.remove())

test('a picture reproduces in another process', async () => {
  const { code, stdout } = await place.run(['verify', first])
  expect([code, stdout]).toEqual([0, `${first}: reproduces\n`])
})

test('a picture with references reproduces where its files are found', async () => {
  const picture = await paint('one-subject.json')
  expect(await place.run(['verify', picture])).toMatchObject({ code: 2, stderr: expect.stringContaining('--from') })
  expect(await place.run(['verify', picture, '--from', examples])).toMatchObject({ code: 0 })
})

test('one of many pictures reproduces', async () => {
  expect(await place.run(['verify', await paint('many-seeds.json')])).toMatchObject({ code: 0 })
})

test('changed pixels under the old record are found out without running', async () => {
  const tampered = join(place.folder, 'tampered.png')
  await writeFile(tampered, withPixelsOf(await readFile(first), await readFile(second)))
  const { code, stdout, stderr } = await place.run(['verify', tampered])
  expect([code, stderr]).toEqual([1, ''])
  expect(stdout).toContain('was changed afterwards')
  expect(stdout).toContain('tampered.png: does not reproduce')
})

test('another result is said to differ, and by how much', async () => {
  const { code, stdout } = await place.run(['verify', first, '--input', 'seed=2', '--json'])
  expect(code).toBe(1)
  const [verdict] = jsonLines(stdout)
  expect(verdict).toMatchObject({ picture: first, reproduces: false })
  expect((verdict!.differences as string[])[0]).toMatch(/^the pixels differ: \d+ of 12288 values, by up to \d+ of 255$/)
})

test('a stale model is named with both hashes, and nothing runs', async () => {
  await cp(join(place.folder, 'model'), join(place.folder, 'stale'), { recursive: true })
  const file = join(place.folder, 'stale/transformer/config.json')
  await appendFile(file, '\n')
  const { code, stdout, stderr } = await place.run(['verify', first, '--input', 'model=stale'])
  expect([code, stderr]).toEqual([1, ''])
  expect(stdout).toMatch(/^model file transformer config\.json: was sha256 [0-9a-f]{64}, is sha256 [0-9a-f]{64}\n/)
  await rm(join(place.folder, 'stale'), { recursive: true })
})

test.each([
  ['a picture without a record', join(repository, 'examples/pictures/cat.png'), 'cli/record-missing'],
  ['a file that is no PNG', join(examples, 'text-only.json'), 'nodes/png-malformed'],
  ['an absent file', 'nothing.png', 'cli/file-unreadable'],
])('%s cannot be verified', async (_, path, code) => {
  const { stderr, ...ended } = await place.run(['verify', path])
  expect(ended.code).toBe(2)
  expect(stderr).toMatch(new RegExp(`^error ${code}: `))
})

/** The chunks of one PNG with the image data of another. A chunk: u32 length, type, data, u32 checksum. */
function withPixelsOf(frame: Buffer, pixels: Buffer): Buffer {
  const data = chunks(pixels).filter(isData)
  const rest = chunks(frame).filter((chunk) => !isData(chunk))
  return Buffer.concat([frame.subarray(0, 8), ...rest.slice(0, -1), ...data, rest.at(-1)!])
}

function chunks(png: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (let at = 8; at < png.length; at += found.at(-1)!.length) {
    found.push(png.subarray(at, at + 12 + png.readUInt32BE(at)))
  }
  return found
}

const isData = (chunk: Buffer): boolean => chunk.toString('latin1', 4, 8) === 'IDAT'
