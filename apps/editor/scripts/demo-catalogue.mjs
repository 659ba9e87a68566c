// Writes the catalogue that the demo shows, as a server would send it: node apps/editor/scripts/demo-catalogue.mjs
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describeCatalogue } from '@dreamgraph/graph'
import { nodeCatalogue } from '../../../nodes/dist/index.js'

const { nodes, socketTypes } = describeCatalogue(nodeCatalogue)
const sorted = nodes.toSorted((a, b) => (a.type < b.type ? -1 : 1))
const path = new URL('../src/server/demo/catalogue.json', import.meta.url)
writeFileSync(path, `${JSON.stringify({ socketTypes, nodes: sorted }, null, 2)}\n`)
execFileSync('npx', ['biome', 'format', '--write', fileURLToPath(path)], { stdio: 'inherit' })
