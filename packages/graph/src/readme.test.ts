import { expect, it } from 'vitest'
import {
  catalogue,
  check,
  defineNode,
  execute,
  memoryCache,
  p,
  parseWorkflow,
  primitiveSockets as socket,
} from './index.js'

it('the example of the README runs', async () => {
  const add = defineNode({
    type: 'math/add',
    version: 1,
    title: 'Add',
    inputs: { a: socket.int() },
    params: { amount: p.int({ default: 1 }) },
    outputs: { value: socket.int() },
    run: ({ inputs, params }) => ({ value: inputs.a + params.amount }),
  })
  const { document } = parseWorkflow(`{
    "dreamgraph": 2,
    "inputs": {"a": {"type": "int", "to": [{"node": "add", "socket": "a"}]}},
    "outputs": {"sum": {"type": "int", "from": {"node": "add", "socket": "value"}}},
    "nodes": {"add": {"type": "math/add"}}
  }`)
  const checked = check(document, catalogue([add]), { inputs: { a: 2 } })
  if (!checked.ok) throw new Error(checked.errors.map((error) => error.message).join('\n'))
  const { outputs } = await execute(checked.plan, { services: undefined, cache: memoryCache() })
  expect(outputs).toEqual({ sum: 3 })
})
