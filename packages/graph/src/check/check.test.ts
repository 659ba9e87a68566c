import { describe, expect, it } from 'vitest'
import { catalogue } from '../catalogue.js'
import type { Workflow } from '../document/schema.js'
import { defineNode } from '../node.js'
import { typeName } from '../socket-type.js'
import { kit, link, one, twice, workflow } from '../testing/kit.js'
import { type CheckOptions, check } from './check.js'
import type { Plan } from './plan.js'

function planOf(document: Workflow, options?: CheckOptions): Plan<unknown> {
  const result = check(document, kit, options)
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('\n'))
  return result.plan
}

const chain = workflow({ one, two: 'math/add' }, ['one.value -> two.a'])

describe('check', () => {
  it('[K1] a correct document becomes a plan in running order', () => {
    const plan = planOf(workflow({ two: 'math/plus', one }, ['one.value -> two.a']))
    expect(plan.nodes.map(({ id, state, params }) => [id, state, params])).toEqual([
      ['one', 'run', { value: 1 }],
      ['two', 'run', { amount: 0 }],
    ])
    expect(plan.nodes[1]?.node.type).toBe('math/add')
  })

  it('[S2] widenings convert, lists map, and the types show it', () => {
    const plan = planOf(
      workflow({ r: 'list/range', c: { type: 'text/spell', params: { note: '' } } }, [
        'r.items -> c.value',
        'r.items -> c.seed',
      ]),
    )
    const spell = plan.nodes[1]!
    expect(spell.mapped).toBe(true)
    expect(typeName(spell.outputs.text!)).toBe('list<text>')
    expect(spell.inputs.map(({ name, kind, maps }) => [name, kind, maps])).toEqual([
      ['value', 'input', true],
      ['seed', 'param', true],
    ])
  })

  it('[S4] many-sockets take links by order', () => {
    const plan = planOf(
      workflow({ a: one, b: one, s: 'math/sum' }, [link('a.value -> s.items', 2), link('b.value -> s.items', 1)]),
    )
    expect(plan.nodes[2]!.inputs[0]!.sources.map(({ node }) => plan.nodes[node]!.id)).toEqual(['b', 'a'])
  })

  it('[K6] components expand, with params, links and defaults reaching inside', () => {
    const nodes = { ...twice.nodes, one, both: { type: 'component/double', params: { extra: 5 } } }
    const links = [link('one.value -> both.base')]
    const outputs = { result: { type: 'int', from: { node: 'both', socket: 'value' } } }
    const plan = planOf({ ...twice, nodes, links, outputs })
    expect(plan.nodes.map(({ id, params }) => [id, params])).toEqual([
      ['one', { value: 1 }],
      ['both/add', { amount: 5 }],
    ])
    expect(plan.outputs[0]?.source?.node).toBe(1)
  })

  it('[K7] given values replace params and feed sockets; document params serve when nothing is given', () => {
    const inputs = {
      value: { type: 'int', to: [{ node: 'one', param: 'value' }] },
      b: { type: 'list<int>', to: [{ node: 'two', socket: 'b' }] },
    }
    const document = { ...chain, inputs }
    expect(planOf(document).nodes[0]?.params).toEqual({ value: 1 })
    const plan = planOf(document, { inputs: { value: 7, b: [1, 2] } })
    expect(plan.nodes[0]?.params).toEqual({ value: 7 })
    expect(plan.nodes[1]?.mapped).toBe(true)
  })

  it('[M3] old params are migrated in memory, with a warning', () => {
    const old = { type: 'text/spell', version: 1, params: { remark: 'hi', style: 'fancy' } }
    const result = check(workflow({ one, c: old }, ['one.value -> c.value']), kit)
    expect(result.ok && result.plan.nodes[1]?.params).toMatchObject({ note: 'hi', style: 'quoted' })
    expect(result.warnings.map(({ code }) => code)).toEqual(['check/node-migrated'])
  })

  it('[K9] mute silences what needs the node; bypass wires around it', () => {
    const nodes = { one, mid: { type: 'math/add', mode: 'mute' as const }, end: 'math/add', sum: 'math/sum' }
    const links = ['one.value -> mid.a', 'mid.value -> end.a', 'end.value -> sum.items']
    const muted = planOf(workflow(nodes, links))
    expect(muted.nodes.map(({ id, state, reason }) => [id, state, reason])).toEqual([
      ['one', 'run', undefined],
      ['mid', 'muted', 'muted'],
      ['end', 'muted', 'mid'],
      ['sum', 'run', undefined],
    ])
    const bypassed = planOf(workflow({ ...nodes, mid: { type: 'math/add', mode: 'bypass' } }, links))
    expect(bypassed.nodes[2]!.inputs[0]!.sources[0]).toMatchObject({ node: 0, output: 'value' })
    const around = {
      ...twice,
      nodes: { one, both: { type: 'component/double', mode: 'bypass' as const }, end: { type: 'math/add' } },
    }
    const component = planOf({ ...around, links: [link('one.value -> both.base'), link('both.value -> end.a')] })
    expect(component.nodes.find(({ id }) => id === 'end')!.inputs[0]!.sources[0]).toMatchObject({ node: 0 })
  })

  it('[K9] says which nodes and outputs a mute silences', () => {
    const nodes = { ...chain.nodes, one: { ...one, mode: 'mute' as const } }
    const outputs = { value: { type: 'int', from: { node: 'two', socket: 'value' } } }
    const result = check({ ...chain, nodes, outputs }, kit)
    expect(result.ok && result.plan.outputs[0]).toMatchObject({ name: 'value', reason: 'two' })
    expect(result.warnings.map(({ code, path }) => [code, path])).toEqual([
      ['check/muted-source', '/nodes/two'],
      ['check/output-missing', '/outputs/value'],
    ])
  })

  it('[M3] a migration that throws is an error of the node, not of the checker', () => {
    const fragile = defineNode({
      type: 'bad/migrate',
      version: 2,
      title: 'Fragile',
      migrate: {
        1: () => {
          throw new Error('no such preset')
        },
      },
      run: () => ({}),
    })
    const result = check(workflow({ f: { type: 'bad/migrate', version: 1, params: {} } }), catalogue([fragile]))
    expect(result.ok ? [] : result.errors).toMatchObject([
      { code: 'check/migration-failed', path: '/nodes/f/version', node: 'f', value: 'no such preset' },
    ])
  })

  it('[K2] a document of rubbish costs no search per finding', () => {
    const ids = Array.from({ length: 3000 }, (_, index) => `node${index}`)
    const nodes = Object.fromEntries(ids.map((id) => [id, 'no/such']))
    const links = ids.map((id) => `${id}x.out -> ${id}.in`)
    const result = check(workflow(nodes, links), kit)
    expect(result.ok || result.errors.length).toBe(6000)
  })

  it('[K10] warns of what is kept but not understood, and of what nothing needs', () => {
    const outputs = { value: { type: 'int', from: { node: 'two', socket: 'value' } } }
    const result = check({ ...chain, outputs, nodes: { ...chain.nodes, lone: one }, linsk: [] }, kit)
    expect(result.warnings.map(({ code, path }) => [code, path])).toEqual([
      ['check/unknown-field', '/linsk'],
      ['check/unused-node', '/nodes/lone'],
    ])
  })
})
