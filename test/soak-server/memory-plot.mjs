// Memory over time as an SVG: one line a process, and their sum.

const [width, height, left, bottom] = [720, 300, 64, 34]
const colors = { total: '#22262e', models: '#4a4fd8', worker: '#2f9e6e', server: '#d9822b' }

/** @param {{ minute: number, server: number, worker: number, models: number }[]} samples in MiB */
export function memoryPlot(samples) {
  const rows = samples.map((row) => ({ ...row, total: row.server + row.worker + row.models }))
  const last = rows.at(-1)?.minute ?? 1
  const top = Math.ceil(Math.max(1, ...rows.map(({ total }) => total)) / 100) * 100
  const x = (minute) => left + ((width - left - 90) * minute) / last
  const y = (mib) => height - bottom - ((height - bottom - 16) * mib) / top
  const end = rows.at(-1) ?? { minute: 0 }
  // From the top down, each at the end of its line, and below the one before.
  const labelY = {}
  let next = 0
  for (const name of Object.keys(colors).sort((a, b) => y(end[a] ?? 0) - y(end[b] ?? 0))) {
    labelY[name] = Math.max(next, y(end[name] ?? 0) + 4)
    next = labelY[name] + 14
  }
  const line = (name) => {
    const points = rows.map((row) => `${x(row.minute).toFixed(1)},${y(row[name]).toFixed(1)}`).join(' ')
    const label = `<text x="${x(end.minute) + 6}" y="${labelY[name].toFixed(1)}" fill="${colors[name]}">${name}</text>`
    return `<polyline points="${points}" fill="none" stroke="${colors[name]}" stroke-width="1.5"/>${label}`
  }
  const marks = [0, 0.5, 1].map((part) => {
    const mib = top * part
    return `<text x="${left - 6}" y="${y(mib) + 4}" text-anchor="end">${mib}${part === 1 ? ' MiB' : ''}</text><path d="M${left} ${y(mib)}H${width - 90}" stroke="#e3e6ec"/>`
  })
  const minutes = [0, 0.5, 1].map((part) => {
    return `<text x="${x(last * part)}" y="${height - 12}" text-anchor="middle">${(last * part).toFixed(0)} min</text>`
  })
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">` +
    `<title>Resident memory, MiB</title><rect width="100%" height="100%" fill="#fff"/>` +
    `${marks.join('')}${minutes.join('')}${Object.keys(colors).map(line).join('')}</svg>\n`
  )
}
