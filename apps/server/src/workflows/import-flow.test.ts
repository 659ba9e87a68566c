import { readFileSync } from 'node:fs'
import { check, parseWorkflow } from '@dreamgraph/graph'
import { nodeCatalogue } from '@dreamgraph/nodes'
import { expect, it } from 'vitest'
import { importFlow } from './import-flow.js'

const examples = new URL('../../../../examples/', import.meta.url)
const fixture = (name: string) =>
  readFileSync(new URL(`../../../../packages/comfy/src/testing/fixtures/${name}`, import.meta.url))

it('makes a workflow that passes the checker, and says what became of each node', () => {
  const { text, report } = importFlow(fixture('dreamo-two-conditions.json'), 'two', nodeCatalogue)
  const checked = check(parseWorkflow(text).document, nodeCatalogue, {
    inputs: { reference1: 'a.png', reference2: 'b.png' },
  })
  expect(checked.ok ? [] : checked.errors).toEqual([])
  expect(report.length).toBeGreaterThan(10)
})

it('refuses what is none, with a reason', () => {
  const refused = (bytes: Uint8Array) => () => importFlow(bytes, 'odd', nodeCatalogue)
  expect(refused(Buffer.from('no JSON'))).toThrow(expect.objectContaining({ code: 'workflow/invalid' }))
  expect(refused(Buffer.from('{}'))).toThrow(expect.objectContaining({ code: 'workflow/invalid' }))
  const picture = readFileSync(new URL('pictures/mini-robot.png', examples))
  expect(refused(picture)).toThrow(/expected one that ComfyUI saved/)
})
