// A program that dies in the middle of a run: starts the model given on stdin, prints the child's pid, and waits.
import { buffer } from 'node:stream/consumers'
import { openRuntime } from '../../dist/index.js'

const bytes = Buffer.from((await buffer(process.stdin)).toString(), 'base64')
const runtime = await openRuntime({ device: 'cpu' })
const session = runtime.session({ name: 'slow', bytes, weightBytes: 0, peakActivationBytes: 0 })
await session.load()
void session.run({ x: { dtype: 'float32', shape: [1, 1], data: new Float32Array(1) } })
setTimeout(() => console.log(runtime.status().childPid), 500)
