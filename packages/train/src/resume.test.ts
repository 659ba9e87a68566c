import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { rngOf } from './random.js'

const program = fileURLToPath(new URL('./testing/tiny-run.mjs', import.meta.url))
const root = await mkdtemp(join(tmpdir(), 'resume-'))
afterAll(() => rm(root, { recursive: true }))

/** Runs the program; with `killAfter`, kill -9 that many milliseconds behind the first step it reports. */
async function run(folder: string, killAfterMs?: number): Promise<number | null> {
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  createInterface(child.stdout).once('line', () => {
    if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  })
  return new Promise((resolve) => child.once('close', resolve))
}

it('kill -9 at random moments: the resumed run ends in the same files as an unbroken one', {
  timeout: 240_000,
}, async () => {
  const [whole, broken] = [join(root, 'whole'), join(root, 'broken')]
  expect(await run(whole)).toBe(0)
  const rng = rngOf(11n)
  const ends: (number | null)[] = []
  for (let kill = 0; kill < 3; kill++) ends.push(await run(broken, rng() * 100))
  expect(ends).toContain(null)
  expect(await run(broken)).toBe(0)
  expect((await readdir(broken)).sort()).toEqual((await readdir(whole)).sort())
  for (const file of await readdir(whole)) {
    expect((await readFile(join(broken, file))).equals(await readFile(join(whole, file))), file).toBe(true)
  }
})
