import { readdirSync, readFileSync } from 'node:fs'
import type { CatalogueDescription } from '@dreamgraph/graph'
import { expect, it } from 'vitest'
import { Tab } from '../app/tab.js'
import { nodeCatalogue } from '../catalogue/catalogue.js'
import { makeRoom } from './make-room.js'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const catalogue = nodeCatalogue(JSON.parse(read('../server/demo/catalogue.json')) as CatalogueDescription)
const folder = '../../../../examples/workflows/'
/** Of nodes that show a picture at some time: the file that they open, a preview, or what they made. */
const pictured = new Set(['image/load', 'image/save', 'dreamo/sample', 'vae/decode'])

for (const file of readdirSync(new URL(folder, import.meta.url)).filter((name) => name.endsWith('.json'))) {
  it(`nodes of ${file} have room, also with their pictures`, () => {
    const tab = Tab.fromText(read(`${folder}${file}`), { title: file })
    const { nodes } = tab.store.document
    makeRoom(tab, catalogue, new Set(Object.keys(nodes).filter((id) => pictured.has(nodes[id]!.type))))
    expect(tab.store.history.map(({ name }) => name)).toEqual([])
  })
}
