import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { type LossLine, openLossLog, printLosses } from './loss-log.js'
import { lossPlot } from './loss-plot.js'

const folder = await mkdtemp(join(tmpdir(), 'loss-log-'))
afterAll(() => rm(folder, { recursive: true }))

const line = (step: number, task: string, losses: LossLine['losses']): LossLine => ({
  step,
  task,
  losses,
  gradientNorm: 1 / 3,
  learningRate: 1e-7,
})
const lines = [
  line(1, 'subject', { diff: Math.fround(0.1), route: 2 }),
  line(1, 'a "quoted", task', { diff: 0.5 }),
  line(2, 'subject', { diff: 1e-9, route: 1.5, holder: 0, reading: 4 }),
]

it('reads back what it wrote, and drops what lies behind a checkpoint or was torn', async () => {
  await (await openLossLog(folder, 0)).append(lines)
  await appendFile(join(folder, 'losses.csv'), '3,subject,0.1')
  expect((await openLossLog(folder, 2)).lines).toEqual(lines)
  const resumed = await openLossLog(folder, 1)
  expect(resumed.lines).toEqual(lines.slice(0, 2))
  await resumed.append(lines.slice(2))
  expect((await openLossLog(folder, 2)).lines).toEqual(lines)
  const [header, first] = (await readFile(join(folder, 'losses.csv'), 'utf8')).split('\n')
  expect(header).toBe('step,task,diff,route,holder,within,naming,reading,gradient_norm,learning_rate')
  expect(first).toBe('1,subject,0.10000000149011612,2,,,,,0.3333333333333333,1e-7')
})

it('goes on with a log from before there were losses of its own', async () => {
  const old = await mkdtemp(join(folder, 'old-'))
  const before = 'step,task,diff,route,holder,gradient_norm,learning_rate\n1,subject,0.5,2,,3,0.25\n'
  await writeFile(join(old, 'losses.csv'), before)
  const read = (await openLossLog(old, 1)).lines
  expect(read).toEqual([
    { step: 1, task: 'subject', losses: { diff: 0.5, route: 2 }, gradientNorm: 3, learningRate: 0.25 },
  ])
  const [header, first] = (await readFile(join(old, 'losses.csv'), 'utf8')).split('\n')
  expect(header).toBe('step,task,diff,route,holder,within,naming,reading,gradient_norm,learning_rate')
  expect(first).toBe('1,subject,0.5,2,,,,,3,0.25')
})

it('prints several stages as one table', () => {
  const stages = [
    { stage: 'one', lines: lines.slice(0, 2) },
    { stage: 'a, b', lines: lines.slice(2) },
  ]
  expect(printLosses(stages).split('\n')).toEqual([
    'step,task,diff,route,holder,within,naming,reading,gradient_norm,learning_rate,stage',
    '1,subject,0.10000000149011612,2,,,,,0.3333333333333333,1e-7,one',
    '1,"a ""quoted"", task",0.5,,,,,,0.3333333333333333,1e-7,one',
    '2,subject,1e-9,1.5,0,,,4,0.3333333333333333,1e-7,"a, b"',
    '',
  ])
})

it('draws a panel for each loss that occurs and a curve for each task', () => {
  const svg = lossPlot(lines)
  for (const name of ['flow matching', 'routing', 'placeholder', 'reading']) expect(svg).toContain(name)
  expect(svg).toContain('<title>')
  expect(svg.match(/<polyline|<circle/g)).toHaveLength(5) // two tasks have diff, one has the others
  expect(lossPlot([lines[1]!])).not.toContain('routing')
  expect(lossPlot([line(1, '<b>', { diff: 1 })])).toContain('&lt;b>')
  expect(svg).not.toContain('NaN')
})
