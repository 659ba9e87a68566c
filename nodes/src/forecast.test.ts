import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseWorkflow } from '@dreamgraph/graph'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeRandomModel } from './random-model/random-model.js'
import { openWorkbench, type Workbench } from './workbench.js'

let folder: string
let bench: Workbench

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forecast-'))
  await writeRandomModel(join(folder, 'model'), { seed: 1n })
  bench = await openWorkbench({
    device: 'cpu',
    home: join(folder, 'home'),
    inputFolders: [folder],
    outputFolder: join(folder, 'out'),
  })
})
afterAll(async () => {
  await bench.close()
  await rm(folder, { recursive: true })
})

const link = (from: string, to: string) => {
  const end = (text: string) => ({ node: text.split('.')[0]!, socket: text.split('.')[1]! })
  return { from: end(from), to: end(to) }
}

/** Two seeds, mapped, with one text; `steps` is where runs differ. */
const flow = (steps: number) =>
  parseWorkflow(
    JSON.stringify({
      dreamgraph: 2,
      name: 'forecast',
      nodes: {
        model: { type: 'model/load', params: { model: 'model' } },
        text: { type: 'dreamo/encode-text', params: { text: 'a fox', maxTokens: 16 } },
        pack: { type: 'dreamo/pack-conditions' },
        seeds: { type: 'value/seed-list', params: { count: 2 } },
        noise: { type: 'latent/noise', params: { width: 32, height: 48 } },
        sample: { type: 'dreamo/sample', params: { steps } },
        decode: { type: 'vae/decode' },
        smaller: { type: 'image/resize', params: {} },
        save: { type: 'image/save' },
      },
      links: [
        link('model.model', 'text.model'),
        link('text.text', 'pack.text'),
        link('seeds.seeds', 'noise.seed'),
        link('model.model', 'sample.model'),
        link('pack.conditions', 'sample.conditions'),
        link('noise.latent', 'sample.noise'),
        link('model.model', 'decode.model'),
        link('sample.latent', 'decode.latent'),
        link('decode.image', 'smaller.image'),
        link('smaller.image', 'save.image'),
      ],
    }),
  )

async function statuses(steps: number): Promise<Record<string, string>> {
  const { nodes } = await bench.forecast(flow(steps))
  return Object.fromEntries(nodes.map(({ id, status, items }) => [id, items ? `${status} ×${items.count}` : status]))
}

test('before the first run nothing is computed or written, and what is known already is told', async () => {
  const { nodes, models } = await bench.forecast(flow(1))
  const outputs = Object.fromEntries(nodes.map((node) => [node.id, node.outputs]))
  expect(outputs.noise).toEqual({ latent: ['4×6 latents, 6 tokens', '4×6 latents, 6 tokens'] })
  expect([outputs.text, outputs.pack, outputs.sample, outputs.smaller]).toEqual([{}, {}, {}, {}])
  expect(models.map(({ role }) => role)).toContain('transformer')
  expect((await bench.runtime()).status().sessions).toEqual([])
  expect(await readdir(folder)).not.toContain('out')
  expect(Object.values(await statuses(1)).every((status) => status.startsWith('ran'))).toBe(true)
})

test('after a run, its results come from the cache, and a forecast has left no trace in it', async () => {
  const { nodes } = await bench.run(flow(1))
  expect(nodes.get('sample')).toMatchObject({ status: 'ran', why: ['never ran before'], items: { count: 2, ran: 2 } })
  expect(await statuses(1)).toMatchObject({
    text: 'cached',
    sample: 'cached ×2',
    decode: 'cached ×2',
    smaller: 'cached ×2',
    save: 'ran ×2',
  })
})

test('a change runs what hangs on it, also behind nodes that are cheap', async () => {
  expect(await statuses(2)).toMatchObject({
    text: 'cached',
    sample: 'ran ×2',
    decode: 'ran ×2',
    smaller: 'ran ×2',
    save: 'ran ×2',
  })
  const { nodes } = await bench.run(flow(2))
  expect(nodes.get('sample')!.status).toBe('ran')
})
