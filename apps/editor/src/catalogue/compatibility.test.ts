import { type CatalogueDescription, check, readWorkflow } from '@dreamgraph/graph'
import { describe, expect, it } from 'vitest'
import description from '../server/demo/catalogue.json'
import { nodeCatalogue } from './catalogue.js'
import { checkableCatalogue } from './checkable.js'
import { fittingGoals, judge } from './compatibility.js'
import { faceOf, goalOf } from './face.js'
import { nodeSearch } from './search.js'

const catalogue = nodeCatalogue(description as CatalogueDescription)
const one = (type: string) => ({ type, list: false })
const list = (type: string) => ({ type, list: true })

describe('compatibility', () => {
  it('is by name, and by declared widening', () => {
    expect(judge(catalogue, one('image'), one('image'))).toEqual({ fits: true })
    expect(judge(catalogue, one('int'), one('float')).fits).toBe(true)
    expect(judge(catalogue, one('float'), one('int')).fits).toBe(false)
  })

  it('says that a list runs a node once for each item, and that one thing is no list', () => {
    expect(judge(catalogue, list('seed'), one('seed'))).toMatchObject({ fits: true, note: /once for each/ })
    expect(judge(catalogue, one('image'), list('image'))).toMatchObject({ fits: false, reason: /list of/ })
    expect(judge(catalogue, one('image'), { ...one('image'), many: true })).toEqual({ fits: true })
  })

  it('names nodes that convert, those with the fewest other inputs first', () => {
    const verdict = judge(catalogue, one('image'), one('mask'))
    if (verdict.fits) throw new Error('expected a refusal')
    expect(verdict.reason).toContain('takes “Mask”')
    expect(verdict.converters.map(({ node }) => node.type)).toContain('mask/from-image')
    for (const { node, input, output } of verdict.converters) {
      expect(node.inputs.map(({ name }) => name)).toContain(input)
      expect(node.outputs.map(({ name }) => name)).toContain(output)
    }
  })

  it('offers required inputs before optional ones and params', () => {
    const composite = catalogue.find('image/composite')!
    expect(fittingGoals(catalogue, composite, one('image')).map(({ name }) => name)).toEqual(['base', 'top'])
    expect(fittingGoals(catalogue, composite, one('int')).map(({ name }) => name)).toEqual(['x', 'y', 'opacity'])
  })
})

describe('search', () => {
  const search = nodeSearch(catalogue.nodes)

  it('finds by title, by type and with a slip of the pen', () => {
    expect(search.find('load image')[0]?.type).toBe('image/load')
    expect(search.find('vae/dec')[0]?.type).toBe('vae/decode')
    expect(search.find('compsite')[0]?.type).toBe('image/composite')
  })

  it('lists everything by category for nothing', () => {
    expect(search.find(' ')).toHaveLength(catalogue.nodes.length)
  })
})

describe('the catalogue that checks', () => {
  const checkable = checkableCatalogue(description as CatalogueDescription)

  it('finds what the real one finds', () => {
    const workflow = readWorkflow({
      dreamgraph: 2,
      nodes: {
        load: { type: 'image/load', params: { file: 'a.png' } },
        grow: { type: 'mask/grow', params: { pixels: 99999 } },
        what: { type: 'image/lod' },
      },
      links: [{ from: { node: 'load', socket: 'image' }, to: { node: 'grow', socket: 'mask' } }],
    })
    const result = check(workflow, checkable)
    expect(result.ok).toBe(false)
    const codes = result.ok ? [] : result.errors.map(({ code }) => code)
    expect(codes.sort()).toEqual(['check/param-range', 'check/type-mismatch', 'check/unknown-type'])
  })

  it('accepts what fits, seeds of 64 bits too', () => {
    const workflow = readWorkflow({
      dreamgraph: 2,
      nodes: { noise: { type: 'latent/noise', params: { seed: '11980469406460273604' } } },
    })
    expect(check(workflow, checkable).ok).toBe(true)
  })
})

describe('faces', () => {
  const workflow = readWorkflow({
    dreamgraph: 2,
    nodes: {
      use: { type: 'component/small' },
      odd: { type: 'nobody/knows', params: { size: 3 } },
      load: { type: 'image/load' },
    },
    links: [{ from: { node: 'load', socket: 'image' }, to: { node: 'odd', socket: 'picture' } }],
    components: {
      small: {
        inputs: {
          image: { type: 'image', to: [{ node: 'resize', socket: 'image' }] },
          width: { type: 'int', default: 64, to: [{ node: 'resize', param: 'width' }] },
        },
        outputs: { image: { type: 'image', from: { node: 'resize', socket: 'image' } } },
        nodes: { resize: { type: 'image/resize' } },
      },
    },
  })

  it('a component shows its border; a param keeps the range of the one inside', () => {
    const face = faceOf(workflow, null, 'use', catalogue)
    expect(face.inputs.map(({ name }) => name)).toEqual(['image'])
    expect(face.params).toMatchObject([{ name: 'width', kind: 'int', default: 64, options: { min: 1 } }])
    expect(goalOf(face, 'width')?.kind).toBe('param')
  })

  it('an unknown node shows what its links and params name', () => {
    const face = faceOf(workflow, null, 'odd', catalogue)
    expect(face.isKnown).toBe(false)
    expect(face.inputs.map(({ name }) => name)).toEqual(['picture'])
    expect(face.params.map(({ name }) => name)).toEqual(['size'])
  })
})
