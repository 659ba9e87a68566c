// Progress of a stage as lines of text, a line every so many steps.
import type { StageReport, WholeStep } from '@dreamgraph/train'

/** Prints means over the steps since the last line. */
export function printEvery(steps: number): (report: StageReport) => void {
  const sums = new Map<string, { sum: number; count: number }>()
  return ({ stage, step, steps: all, byTask, timeLeftMs, examplesPerSecond }) => {
    for (const [task, losses] of Object.entries(byTask)) {
      for (const [name, value] of Object.entries(losses)) {
        const key = name === 'diff' ? task : `${name}`
        const { sum, count } = sums.get(key) ?? { sum: 0, count: 0 }
        sums.set(key, { sum: sum + value, count: count + 1 })
      }
    }
    if (step % steps !== 0 && step !== all) return
    const means = [...sums].map(([name, { sum, count }]) => `${name} ${(sum / count).toFixed(4)}`)
    const minutes = Math.round(timeLeftMs / 60_000)
    console.log(
      `${stage} ${step}/${all}: ${means.join(', ')}; ${examplesPerSecond.toFixed(0)} samples/s, ${minutes} min left`,
    )
    sums.clear()
  }
}

/** The same for what is trained as a whole. */
export function printMeansEvery(steps: number): (report: WholeStep) => void {
  const recent: Record<string, number>[] = []
  return ({ step, steps: all, values, seconds }) => {
    recent.push({ ...values, seconds })
    if (step % steps !== 0 && step !== all) return
    const means = Object.keys(recent[0]).map((name) => {
      return `${name} ${(recent.reduce((sum, one) => sum + one[name], 0) / recent.length).toFixed(4)}`
    })
    console.log(`step ${step}/${all}: ${means.join(', ')}`)
    recent.length = 0
  }
}

export function printFile(done: number, files: number): void {
  console.log(`data: ${done} of ${files} files`)
}
