import type { JobEvent } from '@dreamgraph/protocol'
import { describe, expect, it } from 'vitest'
import { addPreview, isActive, noRun, type RunState, reduceRun } from './run-state.js'

let seq = 0
const event = (body: Record<string, unknown>): JobEvent => ({ seq: ++seq, atMs: 0, ...body }) as JobEvent
const report = (id: string, status: string) => ({ id, type: 'a/b', status, why: ['new'], durationMs: 12 })
const after = (...events: JobEvent[]): RunState => events.reduce(reduceRun, noRun)

describe('the state of a run', () => {
  it('follows the events of a job', () => {
    const run = after(
      event({ type: 'queued', reason: 'submitted' }),
      event({ type: 'started', worker: 'w', attempt: 1 }),
      event({ type: 'run-started', nodes: 2 }),
      event({ type: 'node-started', node: 'a' }),
      event({ type: 'node-progress', node: 'a', done: 3, total: 4 }),
    )
    expect(run.nodes.get('a')).toMatchObject({ phase: 'running', progress: 0.75 })
    expect(isActive(run)).toBe(true)
    const end = [
      event({ type: 'node-finished', node: 'a', report: report('a', 'ran') }),
      event({ type: 'node-cached', node: 'b', report: report('b', 'cached') }),
      event({ type: 'finished', durationMs: 99 }),
    ].reduce(reduceRun, run)
    expect(end).toMatchObject({ state: 'finished', done: 2, total: 2, durationMs: 99 })
    expect(end.nodes.get('b')?.phase).toBe('cached')
  })

  it('begins anew with another try, and marks what was cut off', () => {
    const error = { code: 'run/node-failed', message: 'no', userFault: true }
    const failed = after(
      event({ type: 'started', worker: 'w', attempt: 1 }),
      event({ type: 'node-started', node: 'a' }),
      event({ type: 'node-started', node: 'b' }),
      event({ type: 'node-failed', node: 'a', error }),
      event({ type: 'failed', error, dead: true }),
    )
    expect(failed.nodes.get('a')).toMatchObject({ phase: 'failed', error })
    expect(failed.nodes.get('b')?.phase).toBe('cancelled')
    expect(reduceRun(failed, event({ type: 'started', worker: 'w', attempt: 2 })).nodes.size).toBe(0)
  })

  it('shows the previews of one item of several until it has ended', () => {
    const preview = (index: number, step: number) => ({
      header: { job: 'j', node: 'a', item: { index, count: 3 }, kind: 'routing', width: 1, height: 1, step } as const,
      bytes: new Uint8Array(1),
    })
    const both = [preview(1, 1), preview(0, 1), preview(1, 2)].reduce(addPreview as never, noRun) as RunState
    expect(both.routing.map(({ step }) => step)).toEqual([1, 2])
    const ended = reduceRun(
      both,
      event({ type: 'item-finished', node: 'a', item: { index: 1, count: 3 }, cached: false }),
    )
    expect(addPreview(ended, preview(2, 7) as never).routing.map(({ step }) => step)).toEqual([1, 2, 7])
  })
})
