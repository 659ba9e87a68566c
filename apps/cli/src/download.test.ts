import { spawn, spawnSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { commitOf, type Fault, type LocalHub, openLocalHub } from '../../../test/download/hub.js'
import { jsonLines, openPlace, type Place } from './testing/command.js'

let place: Place
let local: LocalHub
let fault: (path: string) => Fault | undefined = () => undefined

beforeAll(async () => {
  place = await openPlace()
  await place.run(['models', 'make-random', 'source'])
  const folder = join(place.folder, 'source')
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const files = await Promise.all(
    paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path)] as const),
  )
  local = await openLocalHub({
    commits: { [commitOf('a')]: { ...Object.fromEntries(files), 'flux1-dev.safetensors': new Uint8Array(2000) } },
    branches: { main: commitOf('a') },
    fault: (path) => fault(path),
  })
  process.env.DREAMGRAPH_HUB_URL = local.url
})
afterAll(async () => {
  delete process.env.DREAMGRAPH_HUB_URL
  await local.close()
  await place.remove()
})
beforeEach(() => {
  fault = () => undefined
})

const download = (name: string, ...more: string[]): string[] => ['models', 'download', name, 'owner/model', ...more]

test('a model comes, fits, and has its name; what is not taken is said', async () => {
  const { code, stdout, stderr } = await place.run(download('flux'))
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^not taken: flux1-dev\.safetensors \(.*once more.*\)\nflux: \d+ files, 1\.\d+ MB, at commit a{12}\n/,
  )
  expect(stderr).toMatch(/^\d.* of 1\.\d+ MB.*: /)
  const { stdout: report } = await place.run(['models', 'check', 'flux'])
  expect(report).toContain(`${join(place.folder, 'home/models/flux')}: fits`)
})

test('Ctrl-C stops at once, says that the same command goes on, and it does', async () => {
  fault = () => ({ bytesPerSecond: 200_000 })
  let isStopped = false
  const stopped = await place.run(download('tiny', '--json'), {
    onStdout(text, pid) {
      const done = jsonLines(text.slice(0, text.lastIndexOf('\n'))).some(({ doneBytes }) => Number(doneBytes) > 100_000)
      if (done && !isStopped) isStopped = process.kill(pid, 'SIGINT')
    },
  })
  expect(stopped.code).toBe(130)
  expect(jsonLines(stopped.stdout).at(-1)).toMatchObject({ type: 'error', code: 'cli/stopped', exitCode: 130 })
  fault = () => undefined
  const before = local.sentBytes
  const { code, stdout } = await place.run(download('tiny', '--json'))
  expect(code).toBe(0)
  const result = jsonLines(stdout).at(-1)!
  expect(result).toMatchObject({ type: 'result', name: 'tiny', commit: commitOf('a') })
  expect(local.sentBytes - before).toBeLessThan(Number(result.sizeBytes) - 50_000)
})

test('revision and files choose', async () => {
  const some = await place.run(download('some', '--revision', commitOf('a'), '--files', 'vae/*', '*.txt', '--json'))
  const { files } = jsonLines(some.stdout).at(-1) as { files: string[] }
  expect(files.every((path) => /^vae\/|\.txt$/.test(path))).toBe(true)
})

test.each<[string, string[], Fault | undefined, RegExp]>([
  ['no such revision', download('none', '--revision', 'none'), undefined, /^error store\/hub-missing: /m],
  ['the name of a model that comes along', download('mini'), undefined, /^error nodes\/model-name-taken: /m],
  ['a licence', download('gated'), { status: 403 }, /^error store\/hub-refused: .*licence.*DREAMGRAPH_HUB_TOKEN/m],
])('%s is a fault with a code and a way out', async (_, command, wrong, said) => {
  fault = () => wrong
  expect(await place.run(command)).toMatchObject({ code: 2, stderr: expect.stringMatching(said) })
})

const reason =
  spawnSync('script', ['--version']).status === 0
    ? undefined
    : 'no `script` command to make a terminal with (util-linux)'

test.skipIf(reason)(`a terminal gets a bar and keeps the lines${reason ? `: skipped, ${reason}` : ''}`, async () => {
  const terminal = [
    '-qec',
    `${process.execPath} ${join(import.meta.dirname, '../bin/dreamgraph.js')} ${download('bar').join(' ')}`,
    '/dev/null',
  ]
  const env = { ...process.env, DREAMGRAPH_HOME: join(place.folder, 'home') }
  const child = spawn('script', terminal, { cwd: place.folder, env })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  expect(await new Promise((done) => child.on('close', done))).toBe(0)
  expect(output).toMatch(/=+-* \d.* of 1\.\d+ MB/)
  expect(output.lastIndexOf('\u001b[?25h')).toBeGreaterThan(output.lastIndexOf('\u001b[?25l'))
  expect(output).toMatch(/bar: \d+ files, 1\.\d+ MB/)
})
