// `npm run bench [-- NAME…]`: runs all benches, or those named, prints a table of each and keeps them as JSON.
// It measures and does not judge: a missed goal is printed and is no failure.
import { mkdirSync, writeFileSync } from 'node:fs'
import { Argument, Command } from 'commander'
import type { Bench, Measured, Skipped } from './figure.js'
import { fluxStack } from './flux-stack/flux-stack.js'
import { graph } from './graph/graph.js'
import { machine } from './machine.js'
import { openCheckpoint } from './open-checkpoint/open-checkpoint.js'
import { overhead } from './overhead/overhead.js'
import { picture } from './picture/picture.js'
import { pipeline } from './pipeline/pipeline.js'
import { quantized } from './quantized/quantized.js'
import { seeds } from './seeds/seeds.js'
import { server } from './server/server.js'
import { table } from './table.js'
import { tokens } from './tokens/tokens.js'
import { trainingStep } from './training-step/training-step.js'

const benches: readonly Bench[] = [
  openCheckpoint,
  fluxStack,
  graph,
  overhead,
  picture,
  pipeline,
  quantized,
  seeds,
  tokens,
  trainingStep,
  server,
]

const [names] = new Command('npm run bench --')
  .description(
    'Measures against yardsticks in the same run, prints a table of each and keeps them as JSON; see bench/README.md.',
  )
  .addArgument(new Argument('[name...]', 'which, all if none').choices(benches.map(({ name }) => name)))
  .addHelpText('after', `\n${benches.map(({ name, title }) => `  ${name.padEnd(16)} ${title}`).join('\n')}`)
  .parse().processedArgs as [string[]]

const { cores, processor, memoryGiB, node } = machine()
console.log(`${cores} cores (${processor}), ${memoryGiB} GiB, Node ${node}. Ratio: yardstick / ours.`)
const results: Record<string, Measured | Skipped> = {}
for (const bench of benches) {
  if (names.length > 0 && !names.includes(bench.name)) continue
  console.log(`\n${bench.name}: ${bench.title}`)
  try {
    const result = await bench.run()
    results[bench.name] = result
    if ('skipped' in result) console.log(`  skipped: ${result.skipped}`)
    else console.log(`${result.setting.map((line) => `  ${line}`).join('\n')}\n${table(result.figures)}`)
  } catch (error) {
    console.log(`  failed: ${(error as Error).message}`)
    process.exitCode = 1
  }
}

const folder = new URL('../results/', import.meta.url)
mkdirSync(folder, { recursive: true })
writeFileSync(new URL('latest.json', folder), `${JSON.stringify({ machine: machine(), benches: results }, null, 2)}\n`)
console.log('\nwritten: bench/results/latest.json')
