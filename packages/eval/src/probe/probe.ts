// The opened probe: looks at crops and says what it sees.
import { fileURLToPath } from 'node:url'
import { parametersOf } from '@dreamgraph/dreamo'
import { concat, emit, graph, input, memoryOf } from '@dreamgraph/onnx'
import type { Runtime, Session } from '@dreamgraph/runtime'
import type { Picture } from '@dreamgraph/world'
import { attributesOf, type ReaderName, readerNames, type Values } from './attributes.js'
import { type Crop, cropOf, cropSizePx } from './crops.js'
import { answers } from './network.js'
import type { Square } from './parts.js'
import { openProbeFiles } from './probe-file.js'

/** What is asked: one part of one picture. */
export interface Look {
  readonly picture: Picture
  readonly reader: ReaderName
  readonly square: Square
}

export interface Probe {
  /** Values of every attribute of each look's reader, in the order of the looks. */
  read(looks: readonly Look[]): Promise<Values[]>
  /** Frees its sessions. */
  release(): Promise<void>
}

/** The folder of the probe that comes with the repository. */
export const shippedProbe = fileURLToPath(new URL('../../../../models/mini/probe', import.meta.url))

/** Crops that go through a network at once; what is left of a batch is filled up with zeros. */
const batch = 16

/** Opens the probe of a folder. Throws eval/probe-invalid, weights/*. */
export async function openProbe(folder: string, runtime: Runtime): Promise<Probe> {
  const { config, weights } = await openProbeFiles(folder)
  const sessions = Object.fromEntries(
    readerNames.map((reader) => {
      const size = cropSizePx[reader]
      const logits = Object.values(
        answers(parametersOf(weights), config[reader], reader, input('crops', [batch, 3, size, size])),
      )
      const model = graph(`probe, ${reader}`, { logits: concat(logits, { axis: 1 }) })
      const source = { name: model.name, bytes: emit(model), ...memoryOf(model) }
      return [reader, runtime.session(source, { keepMemory: true })]
    }),
  ) as Record<ReaderName, Session>
  return {
    async read(looks) {
      const values = new Array<Values>(looks.length)
      for (const reader of readerNames) {
        const mine = looks.flatMap((look, i) => (look.reader === reader ? [i] : []))
        for (let from = 0; from < mine.length; from += batch) {
          const group = mine.slice(from, from + batch)
          const crops = group.map((i) => cropOf(looks[i].picture, looks[i].square, cropSizePx[reader]))
          const read = await readCrops(sessions[reader], reader, crops)
          group.forEach((i, row) => {
            values[i] = read[row]
          })
        }
      }
      return values
    },
    async release() {
      for (const session of Object.values(sessions)) await session.release()
    },
  }
}

async function readCrops(session: Session, reader: ReaderName, crops: readonly Crop[]): Promise<Values[]> {
  const size = cropSizePx[reader]
  const data = new Float32Array(batch * 3 * size * size)
  for (const [row, crop] of crops.entries()) data.set(crop, row * crop.length)
  const { logits } = await session.run({ crops: { dtype: 'float32', shape: [batch, 3, size, size], data } })
  const width = logits.shape[1]
  return crops.map((_, row) =>
    likeliest(reader, (logits.data as Float32Array).subarray(row * width, (row + 1) * width)),
  )
}

/** The value with the highest logit, attribute by attribute. */
function likeliest(reader: ReaderName, logits: Float32Array): Values {
  let from = 0
  const entries = attributesOf(reader).map(([attribute, values]) => {
    const own = logits.subarray(from, from + values.length)
    from += values.length
    return [attribute, values[own.indexOf(Math.max(...own))]] as const
  })
  return Object.fromEntries(entries)
}
