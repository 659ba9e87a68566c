import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { shippedProbe } from '@dreamgraph/eval'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jsonLines, openPlace, type Place } from './testing/command.js'

let place: Place
beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.remove())

const set = ['--tasks', 'subject', '--count', '1', '--seeds', '2']

test('prompts are written for other systems', async () => {
  expect(await place.run(['eval', ...set, '--prompts-only', 'asked'])).toMatchObject({
    code: 0,
    stdout: 'wrote 2 prompts to asked/prompts.jsonl\n',
  })
  const lines = await readFile(join(place.folder, 'asked/prompts.jsonl'), 'utf8')
  expect(jsonLines(lines).map(({ picture }) => picture)).toEqual(['subject-000-1.png', 'subject-000-2.png'])
})

test('an unknown task and a count of nothing are refused', async () => {
  expect(await place.run(['eval', '--tasks', 'sculpture'])).toMatchObject({ code: 2 })
  expect(await place.run(['eval', '--count', '0'])).toMatchObject({ code: 2 })
})

describe.skipIf(!existsSync(shippedProbe))('with the shipped probe', () => {
  test('a model is measured, and its pictures measure the same', async () => {
    await place.run(['models', 'make-random', 'model'])
    const measured = await place.run(['eval', '--model', 'model', ...set, '--steps', '1', '--out', 'report', '--json'])
    expect(measured).toMatchObject({ code: 0, stderr: '' })
    const [{ rows }] = jsonLines(measured.stdout) as [{ rows: { metric: string }[] }]
    expect(rows.map(({ metric }) => metric)).toEqual(expect.arrayContaining(['whole subject', 'place', 'routing IoU']))
    const files = ['pictures', 'predictions.jsonl', 'sheet.webp', 'table.json', 'table.md']
    expect((await readdir(join(place.folder, 'report'))).sort()).toEqual(files)

    const again = await place.run(['eval', '--pictures', 'report/pictures', ...set, '--json'])
    const [{ rows: same }] = jsonLines(again.stdout) as [{ rows: { metric: string }[] }]
    expect(same).toEqual(rows.filter(({ metric }) => metric !== 'routing IoU'))
  })

  test('a model is opened as flows open it: by its registered name, or told what there is', async () => {
    await place.run(['models', 'add', 'tiny', 'model'])
    const measured = await place.run(['eval', '--model', 'tiny', ...set, '--steps', '1', '--json'])
    expect(jsonLines(measured.stdout)[0]).toMatchObject({ settings: { model: 'tiny', guidance: 1, trueCfg: 3 } })
    const { code, stderr } = await place.run(['eval', '--model', 'nowhere', ...set])
    expect(code).toBe(2)
    expect(stderr).toMatch(/error nodes\/(model|file)-missing: .*nowhere/)
  })

  test('a picture that is missing is named', async () => {
    await mkdir(join(place.folder, 'some'))
    await cp(join(place.folder, 'report/pictures/subject-000-1.png'), join(place.folder, 'some/subject-000-1.png'))
    const { code, stderr } = await place.run(['eval', '--pictures', 'some', ...set])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error eval\/picture-missing: some\/subject-000-2.png: expected a picture/m)
    await rm(join(place.folder, 'some'), { recursive: true })
  })
})
