// `dreamgraph cache`: how much is kept of results and quantized weights, and removing it.
import { type KeptWeights, keptWeights, removeKeptWeights } from '@dreamgraph/dreamo'
import { Command } from 'commander'
import { withWorkbench } from '../bench.js'
import { jsonOption } from '../options.js'
import { printJson } from '../progress/json-lines.js'
import { describeSize } from '../progress/wording.js'

export function cacheCommand(): Command {
  const stats = new Command('stats')
    .description('how much is kept, and where')
    .addOption(jsonOption('print one JSON object {folder, entries, sizeBytes, quantized: {models, sizeBytes}}'))
    .action(printStats)
  const clear = new Command('clear').description('remove all of it').action(clearCache)
  return new Command('cache')
    .description('show or remove kept results and quantized weights')
    .addCommand(stats, { isDefault: true })
    .addCommand(clear)
    .addHelpText('after', examples)
}

const examples = `
Results of nodes, and weights in fewer bits, are kept by content and shared by all that runs here; losing them costs time only.

Examples:
  $ dreamgraph cache
  $ dreamgraph cache clear
`

async function printStats({ json }: { json?: boolean }): Promise<void> {
  await withWorkbench({}, async ({ home, diskCache }) => {
    const { entries, sizeBytes } = await diskCache!.stats()
    const folder = `${home}/cache`
    const quantized = await keptWeights(home)
    if (json) {
      printJson({ folder, entries, sizeBytes, quantized })
      return
    }
    process.stdout.write(`${folder}: ${entries} results, ${describeSize(sizeBytes)}\n`)
    if (quantized.models > 0) process.stdout.write(`${home}/quantized: ${describeWeights(quantized)}\n`)
  })
}

async function clearCache(): Promise<void> {
  await withWorkbench({}, async ({ home, diskCache }) => {
    const { entries, sizeBytes } = await diskCache!.stats()
    await diskCache!.clear()
    const quantized = await keptWeights(home)
    await removeKeptWeights(home)
    process.stdout.write(`removed ${entries} results, ${describeSize(sizeBytes)}\n`)
    if (quantized.models > 0) process.stdout.write(`removed ${describeWeights(quantized)}\n`)
  })
}

const describeWeights = ({ models, sizeBytes }: KeptWeights): string =>
  `${models} quantized ${models === 1 ? 'model' : 'models'}, ${describeSize(sizeBytes)}`
