import { readFileSync } from 'node:fs'
import { p } from '@dreamgraph/graph'
import { expect, test } from 'vitest'
import { nodeCatalogue } from './catalogue.js'
import { defineNode } from './services.js'
import { socket } from './sockets.js'
import { pattern } from './testing/pictures.js'
import { runNode, surroundings } from './testing/surroundings.js'

const { nodes } = nodeCatalogue

test('the README lists every node, and no other', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const listed = [...readme.matchAll(/^\| `([a-z]+\/[a-z-]+)` /gm)].map(([, type]) => type)
  expect(listed.toSorted()).toEqual(nodes.map(({ type }) => type).toSorted())
})

test('every node says what it is for, in sentences', () => {
  const silent = nodes.filter(({ title, description }) => !/^[A-Z]/.test(title) || !/\."?$/.test(description))
  expect(silent.map(({ type }) => type)).toEqual([])
})

test('every param has a title, and accepts its own default', () => {
  const params = nodes.flatMap(({ type, params }) =>
    Object.entries(params).map(([name, param]) => ({ at: `${type} ${name}`, param })),
  )
  const untitled = params.filter(({ param }) => !/^[A-Z]/.test(String(param.options.title)))
  expect(untitled.map(({ at }) => at)).toEqual([])
  for (const { at, param } of params) {
    const { defaultValue: value } = param
    if (value !== undefined) expect({ at, ...param.read(param.toJson(value)) }).toEqual({ at, value })
  }
})

test('the node of the README inverts a picture', async () => {
  const imageInvert = defineNode({
    type: 'image/invert',
    version: 1,
    title: 'Invert',
    description: 'The negative of a picture.',
    inputs: { image: socket.image() },
    params: { strength: p.float({ title: 'Strength', default: 1, min: 0, max: 1 }) },
    outputs: { image: socket.image() },
    run: ({ inputs: { image }, params }) => ({
      image: { ...image, data: image.data.map((v) => v + params.strength * (255 - 2 * v)) },
    }),
  })
  const around = await surroundings()
  const image = pattern(4, 4, 3)
  const inverted = (await runNode(imageInvert, { image }, {}, around)).image
  expect(inverted.data).toEqual(image.data.map((value) => 255 - value))
  await around.remove()
})
