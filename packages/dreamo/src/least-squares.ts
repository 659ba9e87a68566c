// Linear least squares for a few unknowns and many samples.

export interface Samples {
  /** [count, inputs] */
  readonly x: readonly (readonly number[])[]
  /** [count, outputs] */
  readonly y: readonly (readonly number[])[]
}

/**
 * W of least |X·W − Y|² + ridge·count·|W|² → [inputs, outputs], float64. The ridge holds down inputs that the samples
 * say nothing about, so that there always is a solution.
 */
export function leastSquares({ x, y }: Samples, { ridge }: { ridge: number }): number[][] {
  const [inputs, outputs] = [x[0].length, y[0].length]
  // [XᵀX + ridge·count·1 | XᵀY], which elimination turns into [1 | W].
  const rows = Array.from({ length: inputs }, (_, i) => {
    const row = new Float64Array(inputs + outputs)
    for (const [sample, values] of x.entries()) {
      for (let j = 0; j < inputs; j++) row[j] += values[i] * values[j]
      for (let j = 0; j < outputs; j++) row[inputs + j] += values[i] * y[sample][j]
    }
    row[i] += ridge * x.length
    return row
  })
  // XᵀX with a ridge is positive definite: its pivots need no search.
  for (const [i, pivot] of rows.entries()) {
    for (const [other, row] of rows.entries()) {
      if (other === i) continue
      const factor = row[i] / pivot[i]
      for (let j = i; j < row.length; j++) row[j] -= factor * pivot[j]
    }
  }
  return rows.map((row, i) => Array.from(row.subarray(inputs), (value) => value / row[i]))
}
