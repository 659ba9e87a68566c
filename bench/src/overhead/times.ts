// Pictures of the mini flow with seed after seed, in a program and by a server: the whole, and what of it passed outside of nodes.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect } from '@dreamgraph/client'
import { openWorkbench, readWorkflowFile } from '@dreamgraph/nodes'
import { startServer } from '@dreamgraph/server'
import { median } from '../measure.js'
import { withScratchFolder } from '../scratch-folder.js'

export interface OverheadOptions {
  readonly rounds: number
}

export interface Overhead {
  readonly wallMs: number
  /** Of the whole, less the time between start and end of each node. */
  readonly outsideMs: number
  /** Nodes that ran, in alphabetical order. */
  readonly ran: readonly string[]
}

export type OverheadResult = Readonly<Record<'program' | 'server', Overhead>>

const examples = fileURLToPath(new URL('../../../examples', import.meta.url))

export async function work({ rounds }: OverheadOptions): Promise<OverheadResult> {
  return withScratchFolder(async (folder) => ({
    program: await inProgram(join(folder, 'program'), rounds),
    server: await byServer(join(folder, 'server'), rounds),
  }))
}

/** A node's end, as both sides tell of it. */
interface NodeEnd {
  readonly node: string
  readonly durationMs: number
}

type Run = (seed: string, onNode: (end: NodeEnd) => void) => Promise<unknown>

/** The first run opens the model and encodes prompt and references; it does not count, and one more to warm up. */
async function measure(rounds: number, run: Run): Promise<Overhead> {
  const walls: number[] = []
  const outsides: number[] = []
  let ran: string[] = []
  for (let round = -2; round < rounds; round++) {
    ran = []
    let insideMs = 0
    const start = performance.now()
    await run(`${round + 10}`, ({ node, durationMs }) => {
      ran.push(node)
      insideMs += durationMs
    })
    const wallMs = performance.now() - start
    if (round < 0) continue
    walls.push(wallMs)
    outsides.push(wallMs - insideMs)
  }
  return { wallMs: median(walls), outsideMs: median(outsides), ran: ran.sort() }
}

async function inProgram(folder: string, rounds: number): Promise<Overhead> {
  const path = join(examples, 'workflows/mini.json')
  const loaded = await readWorkflowFile(path)
  const bench = await openWorkbench({
    device: 'cpu',
    home: join(folder, 'home'),
    inputFolders: [join(examples, 'workflows')],
    outputFolder: join(folder, 'out'),
  })
  try {
    return await measure(rounds, (seed, onNode) =>
      bench.run(loaded, {
        inputs: { seed },
        onEvent(event) {
          if (event.type !== 'node-finished') return
          onNode({ node: event.node, durationMs: event.report.durationMs ?? 0 })
        },
      }),
    )
  } finally {
    await bench.close()
  }
}

async function byServer(folder: string, rounds: number): Promise<Overhead> {
  const server = await startServer({
    ...{ data: join(folder, 'data'), home: join(folder, 'home'), port: 0, workers: 1, device: 'cpu' },
    ...{ logLevel: 'error', libraries: [examples] },
  })
  const client = connect({ url: server.url })
  try {
    return await measure(rounds, (seed, onNode) =>
      client.run(
        { name: 'templates/mini', inputs: { seed } },
        {
          onEvent(event) {
            if (event.type !== 'node-finished') return
            onNode({ node: event.node, durationMs: event.report.durationMs ?? 0 })
          },
        },
      ),
    )
  } finally {
    client.close()
    await server.close()
  }
}
