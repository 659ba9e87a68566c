// Runs a workflow file in a process of its own, from the built package, and prints what `decode` painted.
// node paint-elsewhere.mjs HOME FOLDER WORKFLOW CACHE
import { createHash } from 'node:crypto'
import { openWorkbench, readWorkflowFile } from '../../dist/index.js'

const [home, folder, workflow, cache] = process.argv.slice(2)
const bench = await openWorkbench({ device: 'cpu', home, inputFolders: [folder], cache })
const result = await bench.run(await readWorkflowFile(workflow), { targets: ['decode'] })
const { width, height, data } = result.value('decode', 'image')
const ran = [...result.nodes].filter(([, { status }]) => status === 'ran').map(([id]) => id)
console.log(JSON.stringify({ picture: `${width}×${height} ${createHash('sha256').update(data).digest('hex')}`, ran }))
await bench.close()
