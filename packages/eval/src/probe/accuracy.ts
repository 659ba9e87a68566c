// How often the probe is right: on drawn scenes of the test split, whose designs and faces it has never seen.
import { difficultyOf, renderSample, type StyleName, type Task, tasks } from '@dreamgraph/world'
import { type ReaderName, readerNames } from './attributes.js'
import { partsOf } from './parts.js'
import type { Probe } from './probe.js'

/** One answer of the probe that could be judged. */
export interface Judged {
  readonly reader: ReaderName
  readonly attribute: string
  readonly style: StyleName
  readonly expected: string
  readonly read: string
}

/** Reader → attribute → share of right answers, 0..1, and how many there were. */
export type Accuracies = Readonly<Record<ReaderName, Readonly<Record<string, { right: number; of: number }>>>>

/** Has the probe read `scenes` scenes, task by task, as they are drawn. */
export async function judgeProbe(
  probe: Probe,
  { scenes, seed, level }: { scenes: number; seed: string; level: number },
): Promise<Judged[]> {
  const judged: Judged[] = []
  for (let index = 0; index < scenes; index++) {
    const task = tasks[index % tasks.length] as Task
    const difficulty = { ...difficultyOf(level), style: 1 } // all styles have to be readable
    const { target, scene } = renderSample({ seed, index, split: 'test', task, difficulty })
    const parts = partsOf(scene)
    const values = await probe.read(parts.map(({ reader, square }) => ({ picture: target, reader, square })))
    for (const [i, { reader, truth }] of parts.entries()) {
      for (const [attribute, expected] of Object.entries(truth)) {
        judged.push({ reader, attribute, style: scene.style, expected, read: values[i][attribute] })
      }
    }
  }
  return judged
}

export function accuraciesOf(judged: readonly Judged[]): Accuracies {
  const ofReader = (reader: ReaderName) => {
    const mine = judged.filter((one) => one.reader === reader)
    const attributes = [...new Set(mine.map(({ attribute }) => attribute))]
    return Object.fromEntries(
      attributes.map((attribute) => {
        const answers = mine.filter((one) => one.attribute === attribute)
        const right = answers.filter(({ expected, read }) => expected === read).length
        return [attribute, { right: right / answers.length, of: answers.length }]
      }),
    )
  }
  return Object.fromEntries(readerNames.map((reader) => [reader, ofReader(reader)])) as Accuracies
}
