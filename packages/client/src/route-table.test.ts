import * as protocol from '@dreamgraph/protocol'
import { expect, it } from 'vitest'
import { endsJob, hasEnded } from './events.js'
import { apiPrefix, eventsPath, protocolVersion, routeTable } from './route-table.js'

it('has every route of the protocol, and no other, with its method, path and kind of answer', () => {
  const rows = Object.entries(protocol.routes as Record<string, protocol.Route>).map(
    ([name, { method, path, answer }]) => {
      return [name, answer === 'bytes' ? [method, path, answer] : [method, path]]
    },
  )
  expect(routeTable).toEqual(Object.fromEntries(rows))
})

it('agrees with the protocol on version, prefix, path of the socket and which events end a job', () => {
  expect([protocolVersion, apiPrefix, eventsPath]).toEqual([
    protocol.protocolVersion,
    protocol.apiPrefix,
    protocol.eventsPath,
  ])
  for (const { shape } of protocol.jobEventBody.options) {
    const type = shape.type.value
    expect(endsJob({ type })).toBe(protocol.endsJob({ type }))
  }
  for (const state of protocol.jobStates) {
    expect(hasEnded({ state } as protocol.Job)).toBe(protocol.finalStates.includes(state))
  }
})
