import { expect, test } from 'vitest'
import { isLost } from './postgresql.js'

test.each([
  [{ code: '57P01', message: 'terminating connection due to administrator command' }],
  [{ code: '57P03', message: 'the database system is starting up' }],
  [{ code: '08006', message: 'connection failure' }],
  [{ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:5432' }],
  [{ message: 'Connection terminated unexpectedly' }],
  [{ message: 'Client has encountered a connection error and is not queryable' }],
  [{ message: 'timeout exceeded when trying to connect' }],
])('%j says that the connection is lost', (error) => {
  expect(isLost(error)).toBe(true)
})

test.each([
  [{ code: '23505', message: 'duplicate key value violates unique constraint' }],
  [{ code: '40001', message: 'could not serialize access' }],
  [{ message: 'anything else' }],
])('%j says that the statement was refused', (error) => {
  expect(isLost(error)).toBe(false)
})
