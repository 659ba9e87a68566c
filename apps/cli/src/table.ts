// Rows of text in columns, as wide as their widest cell. The last column is free to be long.

/** Lines with two spaces between columns; columns that are empty in every row are left out. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const count = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)))
  return rows.map((row) =>
    widths
      .flatMap((width, i) => (width === 0 ? [] : [(row[i] ?? '').padEnd(width)]))
      .join('  ')
      .trimEnd(),
  )
}
