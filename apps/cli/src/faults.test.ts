import { GraphError, NodeFailed, RunCancelled } from '@dreamgraph/graph'
import { RuntimeError } from '@dreamgraph/runtime'
import { StoreError } from '@dreamgraph/store'
import { TrainError } from '@dreamgraph/train'
import { WeightsError } from '@dreamgraph/weights'
import { describe, expect, test } from 'vitest'
import { errorRecord } from './error-record.js'
import { CliError } from './errors.js'
import { exitCodeOf } from './exit-codes.js'
import { describeError } from './faults.js'

const inNode = (cause: unknown) => new NodeFailed({ node: 'a', nodeType: 'b/c', reports: new Map() }, cause)

describe('exit codes', () => {
  test.each<[string, number, unknown]>([
    ['a wrong document', 2, new GraphError('document/not-json', 'x')],
    ['a wrong target', 2, new GraphError('run/unknown-target', 'x')],
    ['a wrong command line', 2, new CliError('cli/usage', 'x')],
    ['a model that does not fit, found by a node', 2, inNode(new WeightsError('weights/does-not-match', 'x'))],
    ['a device that is not there', 2, new RuntimeError('runtime/device-unavailable', 'x')],
    ['a full disk', 1, inNode(new StoreError('store/write-failed', 'x'))],
    ['a hub that is away', 1, new StoreError('store/hub-unreachable', 'x')],
    ['a licence that is not accepted', 2, new StoreError('store/hub-refused', 'x')],
    ['a download that was stopped', 130, new CliError('cli/stopped', 'x')],
    ['no memory', 1, inNode(new RuntimeError('runtime/not-enough-memory', 'x'))],
    ['a dead child', 1, inNode(new RuntimeError('runtime/child-died', 'x'))],
    ['a bug in a node', 1, inNode(new TypeError('x is undefined'))],
    ['a bug of ours', 1, new Error('internal: x')],
    ['a cancelled run', 130, new RunCancelled(new Map(), undefined)],
    ['data with faults', 2, new TrainError('train/manifest-invalid', 'x')],
    ['a training that diverged', 1, new TrainError('train/diverged', 'x')],
    ['a training that was stopped', 130, new TrainError('train/stopped', 'x')],
    ['a cancelled load', 130, new RuntimeError('runtime/cancelled', 'x')],
  ])('%s: %i', (_, code, error) => {
    expect(exitCodeOf(error)).toBe(code)
  })
})

test('a fault in a node names the node, the code of its cause and a way out, and shows no stack', () => {
  const text = describeError(inNode(new WeightsError('weights/lora-does-not-fit', 'x.safetensors: expected …')))
  expect(text).toMatch(/^error weights\/lora-does-not-fit: node a \(b\/c\): x\.safetensors: expected …\nhint: /)
  expect(text).not.toContain('    at ')
})

test('a bug shows its stack and its causes, and asks for a report', () => {
  const text = describeError(inNode(new TypeError('x is undefined')))
  expect(text).toContain('caused by TypeError: x is undefined')
  expect(text).toContain('    at ')
  expect(text).toContain('report')
})

test('the JSON form has the node and the hint', () => {
  expect(errorRecord(inNode(new CliError('cli/usage', 'x', { hint: 'y' })))).toEqual({
    code: 'cli/usage',
    message: 'node a (b/c): x',
    node: 'a',
    hint: 'y',
  })
  expect(errorRecord(new TypeError('z'))).toMatchObject({ code: 'internal', message: 'z' })
})
