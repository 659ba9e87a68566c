// dreamgraph run --server: what a server's nodes wrote lands here as if it had been written here.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPlace } from '../../apps/cli/src/testing/command.js'
import { freePort, killProcess, startServerProcess } from '../../apps/server/src/testing/processes.mjs'
import { grain } from './grain.mjs'

const link = (from: string, to: string) => ({
  from: { node: from, socket: 'image' },
  to: { node: to, socket: 'image' },
})

/** A picture under the next free number, and one that replaces the older, inside a component. */
const flow = {
  dreamgraph: 2,
  name: 'twice',
  nodes: {
    load: { type: 'image/load', params: { file: 'grain.png' } },
    save: { type: 'image/save', params: { name: 'sub/grain' } },
    keep: { type: 'component/keeper' },
  },
  links: [link('load', 'save'), link('load', 'keep')],
  components: {
    keeper: {
      inputs: {
        image: { type: 'image', to: [{ node: 'save', socket: 'image' }] },
        existing: { type: 'text', default: 'overwrite', to: [{ node: 'save', param: 'existing' }] },
      },
      nodes: { save: { type: 'image/save', params: { name: 'latest-2026', record: false } } },
    },
  },
}

test('a second remote run leaves the pictures of the first, but for those that are to be replaced', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dreamgraph-remote-'))
  const place = await openPlace()
  const options = { data: join(folder, 'data'), home: join(folder, 'home'), port: await freePort(), workers: 1 }
  const server = await startServerProcess(options, join(folder, 'log'))
  try {
    await writeFile(join(place.folder, 'grain.png'), await grain())
    await writeFile(join(place.folder, 'flow.json'), JSON.stringify(flow))
    const out = join(place.folder, 'out')
    const run = () => place.run(['run', 'flow.json', '--server', server.url, '--no-cache', '--output', 'out'])
    const first = await run()
    expect(first).toMatchObject({ code: 0 })
    const path = join(out, 'sub/grain-0001.png')
    await writeFile(path, 'made by hand since')
    const second = await run()
    expect(second).toMatchObject({ code: 0 })
    expect((await readdir(out)).sort()).toEqual(['latest-2026.png', 'sub'])
    expect((await readdir(join(out, 'sub'))).sort()).toEqual(['grain-0001.png', 'grain-0002.png'])
    expect(await readFile(path, 'utf8')).toBe('made by hand since')
    expect(second.stdout).toContain(`wrote ${join('out', 'sub', 'grain-0002.png')}`)
  } finally {
    await killProcess(server.child)
    await place.remove()
    await rm(folder, { recursive: true, force: true })
  }
}, 300_000)
