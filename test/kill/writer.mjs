// A process that writes until it is killed, or so many rounds: cache entries, pictures or a workflow file in a folder.
import { join } from 'node:path'
import { parseWorkflow } from '@dreamgraph/graph'
import { openWorkbench, readWorkflowFile, writeWorkflowFile } from '@dreamgraph/nodes'

const [what, folder, rounds = 'Infinity'] = process.argv.slice(2)

/** Pictures of 512×512 made of photo.png, a different one each round; each is computed, cached and saved. */
async function openPictures(cache) {
  const bench = await openWorkbench({
    home: join(folder, 'home'),
    inputFolders: [folder],
    outputFolder: join(folder, 'out'),
    cache,
  })
  const side = (round) => 480 + (round % 32)
  const nodes = (round) => ({
    load: { type: 'image/load', params: { file: 'photo.png' } },
    resize: { type: 'image/resize', params: { width: side(round), height: side(round), filter: 'lanczos' } },
    save: { type: 'image/save', params: { name: 'same', existing: 'overwrite' } },
  })
  const link = (from, to) => ({ from: { node: from, socket: 'image' }, to: { node: to, socket: 'image' } })
  const links = [link('load', 'resize'), link('resize', 'save')]
  return (round) => {
    const document = { dreamgraph: 2, nodes: nodes(round), links: cache === 'disk' ? links.slice(0, 1) : links }
    if (cache === 'disk') delete document.nodes.save
    return bench.run(parseWorkflow(JSON.stringify(document)))
  }
}

/** One note that fills the file with the number of the round. */
function openWorkflow() {
  const path = join(folder, 'flow.json')
  return async (round) => {
    const loaded = await readWorkflowFile(path)
    const document = structuredClone(loaded.document)
    document.notes = Array.from({ length: 2000 }, () => ({ text: `round ${round}`, x: round, y: 0 }))
    await writeWorkflowFile(path, loaded, document)
  }
}

const write =
  what === 'cache' ? await openPictures('disk') : what === 'picture' ? await openPictures('none') : openWorkflow()
process.send?.('ready')
const start = Date.now() % 1000
for (let round = 0; round < Number(rounds); round++) await write(start + round)
process.disconnect?.()
