// node test/server/kill.mjs --kills 100 --jobs 50 [--seed 1] [--workers 3] [--postgres]
//
// Kills server, workers, the processes of the models and the database that often while jobs run, and prints what came of it.
// Ends with 1 when anything was lost, doubled or computed twice.
import { parseArgs } from 'node:util'
import { killRun } from './kill-run.mjs'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    jobs: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    postgres: { type: 'boolean', default: false },
  },
})
const { faults, ...figures } = await killRun({
  kills: Number(values.kills),
  jobs: Number(values.jobs),
  seed: Number(values.seed),
  workers: Number(values.workers),
  withPostgresql: values.postgres,
  onLine: (line) => console.error(line),
})
console.log(JSON.stringify(figures, undefined, 2))
for (const fault of faults) console.log(fault)
console.log(faults.length === 0 ? 'nothing was lost' : `${faults.length} faults`)
process.exit(faults.length === 0 ? 0 : 1)
