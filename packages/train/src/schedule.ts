// The learning rate over the steps of a stage: a linear warm-up, then constant or half a cosine.

export interface LearningRateSchedule {
  /** Learning rate at the end of the warm-up. */
  readonly peak: number
  readonly warmupSteps: number
  readonly decay: 'constant' | 'cosine'
  /** Fraction of the peak that a cosine ends at. */
  readonly floor: number
  readonly steps: number
}

/**
 * Learning rate of step t, from 1: peak·t/w while t ≤ w; then peak, or
 * peak·(f + (1 − f)·(1 + cos(π·(t − w)/(T − w)))/2), which reaches f·peak at the last step T.
 */
export function learningRateAt(schedule: LearningRateSchedule, t: number): number {
  const { peak, warmupSteps, decay, floor, steps } = schedule
  if (t <= warmupSteps) return (peak * t) / warmupSteps
  if (decay === 'constant') return peak
  const progress = Math.min(1, (t - warmupSteps) / Math.max(1, steps - warmupSteps))
  return peak * (floor + ((1 - floor) * (1 + Math.cos(Math.PI * progress))) / 2)
}
