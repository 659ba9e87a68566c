// The example flow of two references on a tiny model, start to PNG, as an application runs it: through the workbench.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openWorkbench, readWorkflowFile, writeRandomModel } from '@dreamgraph/nodes'
import { median } from '../measure.js'
import { withScratchFolder } from '../scratch-folder.js'

export interface PictureOptions {
  readonly side: number
  readonly steps: number
  readonly rounds: number
}

export interface PictureTimes {
  /** From nothing: the runtime's process is started, the model opened and hashed, every graph built. */
  readonly firstMs: number
  /** Everything computed again in the running workbench. */
  readonly nextMs: number
  /** Between two ends of steps: one run of the transformer, and Euler's step. */
  readonly stepMs: number
}

const workflow = fileURLToPath(new URL('../../../examples/workflows/two-subjects.json', import.meta.url))

export async function work({ side, steps, rounds }: PictureOptions): Promise<PictureTimes> {
  return withScratchFolder(async (folder) => {
    const model = join(folder, 'model')
    await writeRandomModel(model, { seed: 1n })
    const loaded = await readWorkflowFile(workflow)
    const bench = await openWorkbench({
      device: 'cpu',
      home: join(folder, 'home'),
      cache: 'none',
      inputFolders: [dirname(workflow)],
      outputFolder: join(folder, 'out'),
    })
    const pictures: number[] = []
    const intervals: number[] = []
    try {
      for (let round = -1; round < rounds; round++) {
        let lastStepEnd: number | undefined
        const start = performance.now()
        await bench.run(loaded, {
          inputs: { model, width: side, height: side, steps, seed: String(round + 1) },
          onEvent(event) {
            if (event.type !== 'node-progress' || event.node !== 'sample') return
            const now = performance.now()
            if (lastStepEnd !== undefined) intervals.push(now - lastStepEnd)
            lastStepEnd = now
          },
        })
        pictures.push(performance.now() - start)
      }
    } finally {
      await bench.close()
    }
    const [firstMs, ...nextMs] = pictures
    return { firstMs, nextMs: median(nextMs), stepMs: median(intervals) }
  })
}
