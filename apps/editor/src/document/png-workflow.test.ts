import { readdirSync, readFileSync } from 'node:fs'
import { parseWorkflow } from '@dreamgraph/graph'
import { describe, expect, it } from 'vitest'
import { workflowInPng } from './png-workflow.js'

const folder = new URL('../server/demo/results/', import.meta.url)

describe('workflow in a PNG', () => {
  it('is found in pictures that dreamgraph saved', () => {
    for (const file of readdirSync(folder)) {
      const text = workflowInPng(readFileSync(new URL(file, folder)))
      expect(parseWorkflow(text!).document.name).toBe('mini')
    }
  })

  it('is undefined for other bytes, whatever they are', () => {
    const png = readFileSync(new URL('seed-1.png', folder))
    expect(workflowInPng(new Uint8Array())).toBeUndefined()
    expect(workflowInPng(png.subarray(0, 60))).toBeUndefined()
    for (let at = 8; at < 120; at += 7) {
      const torn = new Uint8Array(png)
      torn[at] = 255
      workflowInPng(torn)
    }
  })
})
