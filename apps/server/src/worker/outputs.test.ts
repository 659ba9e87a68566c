// What comes out of a run, as a server keeps it: files by digest, short values themselves, long ones as files.
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openWorkbench, type Workbench } from '@dreamgraph/nodes'
import type { RunEvent, TryEnd } from '@dreamgraph/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runJob } from './job-run.js'

let folder: string
let bench: Workbench

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dreamgraph-outputs-'))
  bench = await openWorkbench({ home: join(folder, 'home'), device: 'cpu', cache: 'none', outputFolder: folder })
})
afterAll(async () => {
  await bench.close()
  await rm(folder, { recursive: true })
})

/** Texts that grow fourfold with every node, and the last of them as the output. */
const growing = (nodes: number) => {
  const ids = Array.from({ length: nodes }, (_, index) => `n${index}`)
  const joins = ids.map((id) => [id, { type: 'value/text-join', params: { template: '{a}{a}{a}{a}' } }])
  const link = (from: object, to: string) => ({ from, to: { node: to, socket: 'a' } })
  return {
    dreamgraph: 2,
    outputs: { text: { type: 'text', from: { node: ids.at(-1)!, socket: 'text' } } },
    nodes: { word: { type: 'value/text', params: { value: '0123456789abcdef' } }, ...Object.fromEntries(joins) },
    links: ids.map((id, index) =>
      link(index === 0 ? { node: 'word', socket: 'value' } : { node: ids[index - 1]!, socket: 'text' }, id),
    ),
  }
}

async function run(workflow: object) {
  const stored = new Map<string, Uint8Array>()
  const store = async (bytes: Uint8Array) => {
    const digest = createHash('sha256').update(bytes).digest('hex')
    stored.set(digest, bytes)
    return digest
  }
  const events: RunEvent[] = []
  const end: TryEnd = await runJob({
    bench,
    files: { store } as never,
    assignment: { workflow: JSON.stringify(workflow), inputs: {}, doneEffects: [], cache: false, files: {} } as never,
    folder: join(folder, 'try'),
    previews: { wants: () => false, tell: () => {} } as never,
    signal: new AbortController().signal,
    put: (event) => events.push(event),
  })
  return { end, stored, outputs: events.flatMap((event) => (event.type === 'output' ? [event.output] : [])) }
}

test('a short text is told itself', async () => {
  const { end, stored, outputs } = await run(growing(3))
  expect(end.type).toBe('finished')
  expect(outputs).toEqual([{ name: 'text', value: '0123456789abcdef'.repeat(64) }])
  expect(stored.size).toBe(0)
})

test('a text of megabytes is kept as a file', async () => {
  const { end, stored, outputs } = await run(growing(9))
  expect(end.type).toBe('finished')
  const sizeBytes = 16 * 4 ** 9
  expect(outputs).toEqual([
    { name: 'text', digest: expect.any(String), mediaType: 'text/plain; charset=utf-8', sizeBytes },
  ])
  expect(stored.get(outputs[0]!.digest!)).toHaveLength(sizeBytes)
})

test('an event that no server would take ends the try, as a fault of the workflow', async () => {
  const id = 'n'.repeat(2 ** 20)
  const { end } = await run({
    dreamgraph: 2,
    nodes: { [id]: { type: 'value/text', params: { value: 'a' } } },
    links: [],
    outputs: { text: { type: 'text', from: { node: id, socket: 'value' } } },
  })
  expect(end).toMatchObject({ type: 'failed', error: { code: 'worker/event-too-large', userFault: true } })
})
