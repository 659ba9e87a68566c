import { expect, test } from 'vitest'
import { isLocalName, localName } from './local-name.js'

test('names of a server’s own workers are told from those of hosts', () => {
  expect(isLocalName(localName(3))).toBe(true)
  for (const name of ['localhost.localdomain-4711', 'local', 'local-1', 'local-1-4711']) {
    expect(isLocalName(name), name).toBe(false)
  }
})
