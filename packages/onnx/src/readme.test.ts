// The example of README.md, as it stands there, with what it promises.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as onnx from './index.js'

test('the first example of README.md runs and prints what it says', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readme)!
  const [, names] = /^import \{(.*)\} from/.exec(code)!
  const body = code.replace(/^import .*\n/, '')
  const printed: unknown[] = []
  const run = new Function('onnx', 'console', `const {${names}} = onnx\n${body}\nreturn model`)
  const model = run(onnx, { log: (line: unknown) => printed.push(line) }) as Uint8Array
  expect(model.length).toBeGreaterThan(200)
  expect(printed[0]).toContain('%0 f32[1,16,64] = input x')
  expect(printed[1]).toEqual({ weightBytes: 8192, foldableBytes: 16384, peakActivationBytes: 12_288 })
})
