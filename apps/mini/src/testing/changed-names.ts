// Which weights a training has changed.
import { toFloat32, type WeightSet } from '@dreamgraph/weights'

/** Names of the weights that differ. Throws unless both sets have the same names. */
export async function changedNames(before: WeightSet, after: WeightSet): Promise<string[]> {
  const names = [...before.keys()]
  if ([...after.keys()].sort().join() !== names.toSorted().join()) throw new Error('expected the same names')
  const changed: string[] = []
  for (const name of names) {
    const [was, is] = await Promise.all([before, after].map((set) => toFloat32(set.get(name)!)))
    if (was!.some((value, i) => value !== is![i])) changed.push(name)
  }
  return changed
}
