import { describe, expect, it } from 'vitest'
import { catalogue } from '../catalogue.js'
import { check } from '../check/check.js'
import type { Plan } from '../check/plan.js'
import { define, type Gates, services } from '../testing/gates.js'
import { socket, workflow } from '../testing/kit.js'
import type { ExecutionEvent } from './events.js'
import { execute } from './execute.js'

/** Asks three times whether anybody looks, shows what it was told, and keeps its context. */
function asking(): { plan: Plan<Gates>; ask: () => boolean } {
  let ask = (): boolean => false
  const node = define({
    type: 'ui/ask',
    version: 1,
    title: 'Ask',
    outputs: { answers: socket.text() },
    run({ ctx }) {
      ask = () => ctx.wantsPreview('curve')
      const answers = [ctx.wantsPreview('curve'), ctx.wantsPreview('picture'), ctx.wantsPreview('curve')].join()
      ctx.preview({ kind: 'text', answers })
      return { answers }
    },
  })
  const result = check(workflow({ a: 'ui/ask' }), catalogue<Gates>([node]))
  if (!result.ok) throw new Error('internal: ui/ask')
  return { plan: result.plan, ask: () => ask() }
}

describe('previews', () => {
  it('[E13] a node is told what the caller says at that moment', async () => {
    const asked: string[] = []
    const wantsPreview = (kind: string) => asked.push(kind) > 1 && kind === 'curve'
    const { plan, ask } = asking()
    const result = await execute(plan, { services, onEvent: () => {}, wantsPreview })
    expect(result.value('a', 'answers')).toBe('false,false,true')
    expect(asked).toEqual(['curve', 'picture', 'curve'])
    expect(ask()).toBe(false) // the run is over
    expect(asked).toHaveLength(3)
  })

  it('[E13] nobody looks unless told, or where no events are taken; what is shown is an event all the same', async () => {
    const events: ExecutionEvent[] = []
    const heard = await execute(asking().plan, { services, onEvent: (event) => events.push(event) })
    expect(heard.value('a', 'answers')).toBe('false,false,false')
    expect(events.filter(({ type }) => type === 'node-preview')).toHaveLength(1)
    const deaf = await execute(asking().plan, { services, wantsPreview: () => true })
    expect(deaf.value('a', 'answers')).toBe('false,false,false')
  })

  it('[E13] a caller that throws ends the run with its own error', async () => {
    const broken = new Error('caller broke')
    const wantsPreview = () => {
      throw broken
    }
    await expect(execute(asking().plan, { services, onEvent: () => {}, wantsPreview })).rejects.toBe(broken)
  })
})
