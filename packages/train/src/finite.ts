// A training whose numbers are no numbers any more must stop before it writes them into a checkpoint.
import { TrainError } from './errors.js'

/** Throws train/diverged, with all values, unless each is finite. `where` reads `stage words, step 7`. */
export function checkFinite(where: string, values: Readonly<Record<string, number>>): void {
  if (Object.values(values).every(Number.isFinite)) return
  const got = Object.entries(values).map(([name, value]) => `${name} ${value}`)
  throw new TrainError('train/diverged', `${where}: expected finite losses and gradients, got ${got.join(', ')}`)
}
