// npm run docs: writes docs/api.md from the schemas of packages/protocol.
import { writeFileSync } from 'node:fs'
import { referencePage } from '../packages/protocol/dist/index.js'

writeFileSync(new URL('../docs/api.md', import.meta.url), referencePage())
console.log('written: docs/api.md')
