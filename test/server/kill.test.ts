// A short run of kill.mjs: server, worker and the process of the models are killed again and again, and nothing is lost.
import { expect, test } from 'vitest'
import { killRun } from './kill-run.mjs'

test('nothing is lost, doubled or computed twice while everything is killed', async () => {
  const { faults, ...figures } = await killRun({ kills: 4, jobs: 6, seed: 1 })
  expect(faults).toEqual([])
  expect(figures.jobs).toBe(6)
  const { kills, tries, lostTries, events, artifacts, seconds } = figures
  const killed = Object.entries(kills).map(([what, count]) => `${what} ${count}×`)
  const found = `${tries} tries of 6 jobs, ${lostTries} lost; ${events} events and ${artifacts} files are as they should be`
  process.stdout.write(`killed in ${seconds} s: ${killed.join(', ')}; ${found}\n`)
}, 300_000)
