// Schedules by a clock that looks every second instead of twice a minute; database and queue are real.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from './database/database.js'
import { openEmbedded } from './database/embedded.js'
import { migrate } from './database/schema.js'
import { Boss } from './jobs/boss.js'
import { Schedules } from './schedules.js'
import { eventually } from './testing/eventually.js'
import { startMs } from './testing/rig.js'
import { copyTemplate } from './testing/template.js'

let folder: string
let database: Database
let boss: Boss
const submitted: string[] = []

const open = () =>
  Schedules.open({
    database,
    boss,
    submit: async (owner, { name }, id) => void submitted.push(`${owner} ${id}: ${name}`),
    onError: (error) => submitted.push(String(error)),
  })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dreamgraph-schedules-'))
  await copyTemplate(join(folder, 'data'))
  database = await openEmbedded(join(folder, 'data'))
  await migrate(database)
  boss = await Boss.open(database, () => {}, { cronMonitorIntervalSeconds: 1 })
}, startMs)

afterAll(async () => {
  await boss.stop()
  await database.close()
  await rm(folder, { recursive: true, force: true })
})

test('a workflow is submitted once when its time has come, for its owner; not another, and not after its removal', async () => {
  const schedules = await open()
  const request = { timeZone: 'UTC', name: 'cats', inputs: {} }
  const soon = new Date(Date.now() + 20_000) // this minute, or the next one where this one ends too soon
  const daily = `${soon.getUTCMinutes()} ${soon.getUTCHours()} * * *`
  await schedules.put('ann', 'daily', { ...request, cron: daily })
  await schedules.put('ann', 'in spring', { ...request, cron: '0 4 30 2 *' }).catch(() => {})
  await schedules.put('bob', 'gone', { ...request, cron: daily })
  await schedules.remove('bob', 'gone')
  await eventually(() => submitted.length > 0, 'the schedule', 60_000)
  await new Promise((resolve) => setTimeout(resolve, 3000)) // the clock looks again, within the same minute
  expect(submitted).toEqual(['ann daily: cats'])
  expect((await schedules.list('ann')).map(({ id }) => id)).toContain('daily')
  expect(await schedules.list('bob')).toEqual([])
})

test('what is no cron expression is refused', async () => {
  const schedules = await open()
  const request = { cron: 'whenever it rains', timeZone: 'UTC', name: 'cats', inputs: {} }
  await expect(schedules.put('ann', 'odd', request)).rejects.toMatchObject({ code: 'request/invalid' })
})
