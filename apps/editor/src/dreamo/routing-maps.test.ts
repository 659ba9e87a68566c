import { describe, expect, it } from 'vitest'
import { addPreview, noRun, type RoutingMap } from '../run/run-state.js'
import { described, groupsOf, leakage, mapsAt, stepsOf } from './routing-maps.js'

const header = { job: crypto.randomUUID(), node: 'sample', mediaType: 'application/octet-stream', width: 2, height: 1 }
const frame = (step: number, reference: number, more: { group?: string; leakage?: number } = {}) => ({
  header: {
    ...header,
    kind: more.group ? ('routing-layers' as const) : ('routing' as const),
    step,
    reference,
    ...more,
  },
  bytes: Uint8Array.of(step, reference),
})

describe('routing maps', () => {
  const { routing } = [
    frame(1, 2),
    frame(1, 1),
    frame(1, 1, { group: 'late' }),
    frame(1, 1, { group: 'early', leakage: 0.25 }),
    frame(2, 1),
    frame(2, 1),
  ].reduce(addPreview, noRun)

  it('are kept for every step and group of layers, each once', () => {
    expect(routing).toHaveLength(5)
    expect(stepsOf(routing)).toEqual([1, 2])
    expect(groupsOf(routing)).toEqual(['early', 'late'])
    expect(mapsAt(routing, 1, undefined).map(({ reference }) => reference)).toEqual([1, 2])
    expect(mapsAt(routing, 2, 'late')).toEqual([])
  })

  it('are told in words, also where those of some layers have come and these have not', () => {
    expect(described(mapsAt(routing, 1, 'early'))).toBe('reference 1: 25 % shared')
    expect(described(mapsAt(routing, 2, 'late'))).toBe('no map yet of this step and these layers')
  })

  it('leak as the server says, or by what they share', () => {
    const [early] = mapsAt(routing, 1, 'early')
    expect(leakage(early!, [early!])).toBe(0.25)
    const map = (reference: number, cells: number[]): RoutingMap => ({
      node: 'a',
      reference,
      width: 2,
      height: 1,
      cells: Uint8Array.from(cells),
    })
    const maps = [map(1, [100, 100]), map(2, [0, 50])]
    expect(leakage(maps[0]!, maps)).toBe(0.25)
    expect(leakage(maps[1]!, maps)).toBe(1)
  })
})
