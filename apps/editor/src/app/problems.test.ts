import type { CatalogueDescription, Workflow } from '@dreamgraph/graph'
import { expect, it, vi } from 'vitest'
import { checkableCatalogue } from '../catalogue/checkable.js'
import description from '../server/demo/catalogue.json'
import { DocumentProblems } from './problems.js'
import { Tab } from './tab.js'

const text = JSON.stringify({ dreamgraph: 2, nodes: { load: { type: 'model/load' } }, links: [] })

it('tells of an edit a moment later; whoever cannot wait, such as a run, is told at once', () => {
  vi.useFakeTimers()
  const tab = Tab.fromText(text, { title: 'hasty' })
  const problems = new DocumentProblems(tab, checkableCatalogue(description as CatalogueDescription))
  const said: number[] = []
  problems.subscribe(() => said.push(problems.found.state.errors.length))
  const change = (params: { model?: string }) => (draft: Workflow) => {
    draft.nodes.load!.params = params
  }
  const type = (model?: string) => tab.apply({ name: 'Type', change: change(model ? { model } : {}) })
  expect(problems.now().errors.map(({ code }) => code)).toEqual(['check/missing-param'])
  type('mini')
  expect(problems.found.state.errors).toHaveLength(1)
  expect(problems.now().errors).toEqual([])
  vi.runAllTimers()
  expect(said).toEqual([0]) // nothing is checked twice
  type()
  vi.runAllTimers()
  expect(said).toEqual([0, 1])
  vi.useRealTimers()
})
