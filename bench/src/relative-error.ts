/** Root mean square of the difference, over that of the exact values. */
export function relativeError(got: Float32Array, exact: Float32Array): number {
  let [difference, size] = [0, 0]
  exact.forEach((value, i) => {
    difference += (got[i] - value) ** 2
    size += value ** 2
  })
  return Math.sqrt(difference / size)
}
