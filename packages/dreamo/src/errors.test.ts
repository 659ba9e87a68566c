import { expect, test } from 'vitest'
import { DreamoError, dreamoErrors } from './errors.js'

test('codes are kebab-case under the package’s prefix, each with a meaning', () => {
  for (const [code, meaning] of Object.entries(dreamoErrors)) {
    expect(code).toMatch(/^dreamo\/[a-z0-9]+(-[a-z0-9]+)*$/)
    expect(meaning).toMatch(/^[A-Z].+\.$/)
  }
})

test('an error carries its code, its cause and whose fault it is', () => {
  const cause = new Error('disk')
  const error = new DreamoError('dreamo/seed-invalid', 'seed: expected a number, got x', { cause })
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({ name: 'DreamoError', code: 'dreamo/seed-invalid', userFault: true, cause })
})
