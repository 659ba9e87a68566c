import type { JobEvent } from '@dreamgraph/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noRun, reduceRun } from '../run/run-state.js'
import { readLosses } from './read-losses.js'
import { curvesOf, lossNames, newest, tasksOf } from './stages.js'

const line = (step: number, task: string, diff: number) => ({
  step,
  task,
  losses: { diff },
  gradientNorm: 1,
  learningRate: 1e-4,
})
const losses = (node: string, stage: string, lines: ReturnType<typeof line>[], atMs = 0): JobEvent => ({
  seq: 1,
  atMs,
  type: 'node-losses',
  node,
  stage,
  steps: 10,
  timeLeftMs: 4000,
  lines,
})

describe('training', () => {
  it('a stage that goes on from a checkpoint replaces what it tells again, also after another try has begun', () => {
    const events: JobEvent[] = [
      losses('a', 'first', [line(1, 'x', 3), line(2, 'x', 2), line(3, 'x', 9)]),
      { seq: 2, atMs: 0, type: 'started', worker: 'w', attempt: 2 },
      losses('a', 'first', [line(3, 'x', 1)]),
      losses('b', 'second', [line(1, 'x', 4), line(1, 'y', 8)]),
    ]
    const { training } = events.reduce(reduceRun, noRun)
    expect(training.get('a')!.lines.map(({ losses }) => losses.diff)).toEqual([3, 2, 1])
    const stages = [...training.values()]
    expect(tasksOf(stages)).toEqual(['x', 'y'])
    expect(lossNames(stages)).toEqual(['diff'])
    expect(curvesOf(stages, 'diff', ['x', 'y'])).toEqual({
      x: [1, 2, 3, 4],
      y: [
        [3, 2, 1, 4],
        [null, null, null, 8],
      ],
      starts: [
        { name: 'first', at: 0 },
        { name: 'second', at: 3 },
      ],
    })
    expect(newest(stages, 'diff', 'y')).toBe(8)
    expect(newest(stages, 'route', 'y')).toBeUndefined()
  })

  it('long runs are means over stretches, and no value is left out', () => {
    const lines = Array.from({ length: 5000 }, (_, index) => line(index + 1, 'x', index % 2))
    const { x, y } = curvesOf([{ name: 'a', lines, steps: 5000 }], 'diff', ['x'])
    expect(x.length).toBeLessThan(250)
    for (const value of y[0]!) expect(value).toBeCloseTo(0.5, 0)
    expect(x.at(-1)).toBeGreaterThan(4950)
  })

  it('reads tables, whatever their tasks and stages are called', () => {
    const name = fc.string({ minLength: 1 }).map((text) => text.replaceAll(/[\r\n]/g, ' '))
    const quoted = (text: string): string => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
    const property = fc.property(
      name,
      name,
      fc.double({ noNaN: true }).map((value) => value || 0),
      (task, stage, value) => {
        const text = `step,task,diff,route,gradient_norm,learning_rate,stage\n1,${quoted(task)},${value},,1,0.1,${quoted(stage)}\n`
        const [read] = readLosses(text)
        expect(read).toMatchObject({ name: stage, steps: 1, lines: [{ step: 1, task, losses: { diff: value } }] })
      },
    )
    fc.assert(property, { numRuns: 200 })
    expect(() => readLosses('a,b\n1,2\n')).toThrow(/column "step"/)
    expect(() => readLosses('step,task\nx,y\n')).toThrow(/line 2/)
  })
})
