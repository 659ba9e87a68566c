// Losses on the wire: every line once and in order, in few events.
import type { RunEvent } from '@dreamgraph/protocol'
import { runEvent } from '@dreamgraph/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { eventTeller } from './tell-events.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const steps = 50
const report = (step: number) => ({
  kind: 'training-step',
  stage: 'subjects',
  step,
  steps,
  losses: { diff: 1 / step },
  byTask: { subject: { diff: 1 / step }, style: { diff: 2 / step, route: 3 } },
  gradientNorm: 1,
  learningRate: 1e-4,
  examplesPerSecond: 8,
  timeLeftMs: 1000,
})

function teller() {
  const told: RunEvent[] = []
  const tell = eventTeller({ nodes: [] } as never, (event) => told.push(runEvent.parse(event)))
  const train = (step: number) => tell({ seq: 1, type: 'node-preview', node: 'stage', preview: report(step) as never })
  const losses = () => told.filter((event) => event.type === 'node-losses')
  return { told, tell, train, losses }
}

test('lines are gathered for a second, and none is lost', () => {
  const { train, losses } = teller()
  for (let step = 1; step <= steps; step++) {
    train(step)
    vi.advanceTimersByTime(100)
  }
  expect(losses().length).toBeLessThan(10)
  const lines = losses().flatMap((event) => event.lines)
  expect(lines.filter(({ task }) => task === 'style').map(({ step }) => step)).toEqual(
    Array.from({ length: steps }, (_, index) => index + 1),
  )
  expect(lines).toHaveLength(2 * steps)
})

test('what is left is told before the end of the node', () => {
  const { told, tell, train, losses } = teller()
  train(1)
  train(2)
  train(3)
  expect(losses().flatMap(({ lines }) => lines)).toHaveLength(2)
  tell({ seq: 2, type: 'node-failed', node: 'stage', error: new Error('no') })
  expect(told.map(({ type }) => type)).toEqual(['node-losses', 'node-losses', 'node-failed'])
  expect(losses().flatMap(({ lines }) => lines)).toHaveLength(6)
})
