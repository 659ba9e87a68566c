import { expect, test } from 'vitest'
import { OnnxError, onnxErrorCodes } from './errors.js'

test('codes are kebab-case under the package’s prefix, each with a meaning', () => {
  for (const [code, meaning] of Object.entries(onnxErrorCodes)) {
    expect(code).toMatch(/^onnx\/[a-z0-9]+(-[a-z0-9]+)*$/)
    expect(meaning.length).toBeGreaterThan(10)
  }
})

test('an error carries its code, its cause and whose fault it is', () => {
  const cause = new Error('inner')
  const error = new OnnxError('onnx/shape', 'Add: expected shapes that broadcast, got [2] and [3]', { cause })
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({ name: 'OnnxError', code: 'onnx/shape', userFault: true, cause })
})
