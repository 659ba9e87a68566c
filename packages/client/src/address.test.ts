import { expect, it } from 'vitest'
import { readAddress } from './address.js'

it('puts params into the path, escaped, and what is given of the query behind it', () => {
  const address = readAddress('http://127.0.0.1:7860')
  expect(address.route('health', {})).toBe('http://127.0.0.1:7860/v1/health')
  const name = 'mine/Bäume & more?'
  expect(address.route('workflow', { params: { name }, query: { revision: 3 } })).toBe(
    'http://127.0.0.1:7860/v1/workflows/mine%2FB%C3%A4ume%20%26%20more%3F?revision=3',
  )
  expect(address.route('jobs', { query: { state: undefined } })).toBe('http://127.0.0.1:7860/v1/jobs')
})

it('keeps a path in front, speaks to the socket of the same place, and drops what does not belong', () => {
  const address = readAddress('https://example.org/dream/?x=1#y')
  expect(address.route('queue', {})).toBe('https://example.org/dream/v1/queue')
  expect(address.socket).toBe('wss://example.org/dream/v1/events')
})

it('refuses what is no address of a server, and a path with a hole', () => {
  expect(() => readAddress('127.0.0.1:7860')).toThrow('connect url: expected an http or https address')
  expect(() => readAddress('file:///etc')).toThrow(TypeError)
  const address = readAddress('http://a')
  expect(() => address.route('job', {})).toThrow('job params: expected "job", got nothing')
  expect(() => address.route('removeModel', { params: { model: '' } })).toThrow(TypeError)
})
