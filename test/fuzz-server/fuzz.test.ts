// Bad requests, frames, documents and files: the server answers each with a reason and lives. main.mjs sends a hundred thousand.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Server, startServer } from '@dreamgraph/server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { attack } from './attack.mjs'
import { goodThings } from './good-things.mjs'

const token = 'fuzz'
let folder: string
let server: Server

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dreamgraph-fuzz-'))
  await writeFile(join(folder, 'secret.png'), 'not yours')
  server = await startServer({
    data: join(folder, 'data'),
    home: join(folder, 'home'),
    token,
    port: 0,
    workers: 0,
    logLevel: 'silent',
    limits: { requestsPerMinute: 10_000_000 },
  })
})

afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

it('answers whatever comes, and nothing outside its folders is touched', async () => {
  const good = await goodThings()
  const { faults, statuses } = await attack({ url: server.url, token, ...good }, { count: 1500, seed: 1 })
  expect(faults).toEqual([])
  expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['400', '401', '404'])) // it has met all of these walls
  const health = (await (await fetch(`${server.url}/v1/health`)).json()) as { status: string }
  expect(health.status).toBe('fine')
  expect((await readdir(folder)).sort()).toEqual(['data', 'home', 'secret.png'])
  expect(await readFile(join(folder, 'secret.png'), 'utf8')).toBe('not yours')
}, 180_000)
