// `dreamgraph cache`: how much the shared result cache holds, and emptying it.
import { Command } from 'commander'
import { withWorkbench } from '../bench.js'
import { jsonOption } from '../options.js'
import { printJson } from '../progress/json-lines.js'
import { describeSize } from '../progress/wording.js'

export function cacheCommand(): Command {
  const stats = new Command('stats')
    .description('how many results are kept, how large they are, and where')
    .addOption(jsonOption('print one JSON object {folder, entries, sizeBytes}'))
    .action(printStats)
  const clear = new Command('clear').description('remove every kept result').action(clearCache)
  return new Command('cache')
    .description('show or empty the cache of results')
    .addCommand(stats, { isDefault: true })
    .addCommand(clear)
    .addHelpText('after', examples)
}

const examples = `
Results of nodes are kept by content and shared by all that runs here; losing them costs time only.

Examples:
  $ dreamgraph cache
  $ dreamgraph cache clear
`

async function printStats({ json }: { json?: boolean }): Promise<void> {
  await withWorkbench({}, async ({ home, diskCache }) => {
    const { entries, sizeBytes } = await diskCache!.stats()
    const folder = `${home}/cache`
    if (json) printJson({ folder, entries, sizeBytes })
    else process.stdout.write(`${folder}: ${entries} results, ${describeSize(sizeBytes)}\n`)
  })
}

async function clearCache(): Promise<void> {
  await withWorkbench({}, async ({ diskCache }) => {
    const { entries, sizeBytes } = await diskCache!.stats()
    await diskCache!.clear()
    process.stdout.write(`removed ${entries} results, ${describeSize(sizeBytes)}\n`)
  })
}
