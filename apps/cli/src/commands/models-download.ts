// `dreamgraph models download`: a model from the hub, under a name; after a stop the same command goes on.
import { type DownloadedModel, downloadModel } from '@dreamgraph/nodes'
import { Command } from 'commander'
import { withWorkbench } from '../bench.js'
import { cancelOnSignals } from '../cancel.js'
import { CliError } from '../errors.js'
import { jsonOption } from '../options.js'
import { openDownloadReporter } from '../progress/download.js'
import { printJson } from '../progress/json-lines.js'
import { describeSize } from '../progress/wording.js'

interface DownloadOptions {
  readonly revision: string
  readonly files?: readonly string[]
  readonly json?: boolean
}

export function modelsDownloadCommand(): Command {
  return new Command('download')
    .description('download a model from the hub and give it a name; after a stop the same command goes on')
    .argument('<name>', 'letters, digits, dots, dashes and underscores')
    .argument('<repo>', 'owner/name on the hub')
    .option('--revision <revision>', 'branch, tag or commit', 'main')
    .option('--files <pattern...>', 'paths, or patterns with *; default: weights, configs and tokenizers')
    .addOption(jsonOption('print JSON lines on stdout: {type: progress} once a second, {type: result} at the end'))
    .addHelpText('after', help)
    .action(download)
}

const help = `
A repository with a model_index.json is a model, and comes into the folder of models. Any other is an addition, and comes
into the model's folder under its own name, where presets look for it. Every file is checked against the hub's hash. Pickles
(.bin, .pt, .ckpt …) are never taken: they may run code when they are opened.

DREAMGRAPH_HUB_TOKEN is a token for models whose licence must be accepted; DREAMGRAPH_HUB_URL is another hub than
https://huggingface.co.

Examples:
  $ dreamgraph models download flux black-forest-labs/FLUX.1-dev
  $ dreamgraph models download flux ByteDance/DreamO
  $ dreamgraph models download flux alimama-creative/FLUX.1-Turbo-Alpha
  $ dreamgraph models check flux
`

async function download(name: string, repo: string, { revision, files, json }: DownloadOptions): Promise<void> {
  const reporter = openDownloadReporter({ json })
  const cancellation = cancelOnSignals(() => reporter.log('stopping … (again to quit at once)'))
  const { signal } = cancellation
  let seen = { doneBytes: 0, totalBytes: 0 }
  try {
    const downloaded = await withWorkbench({}, ({ models: registry, home }) =>
      downloadModel(
        { name, repo, revision, files },
        {
          ...{ registry, home, signal, onLog: reporter.log },
          onProgress(progress) {
            seen = progress
            reporter.progress(progress)
          },
        },
      ),
    )
    reporter.close()
    if (json) printJson({ type: 'result', name, repo, ...downloaded })
    else for (const line of describe(name, downloaded)) process.stdout.write(`${line}\n`)
  } catch (error) {
    reporter.close()
    if (!signal.aborted) throw error
    const got = seen.totalBytes > 0 ? `${describeSize(seen.doneBytes)} of ${describeSize(seen.totalBytes)}` : 'nothing'
    if (!json) reporter.log(`stopped with ${got}, which is kept; the same command goes on`)
    throw new CliError('cli/stopped', `${repo}: expected the whole, got stopped with ${got}`, { cause: error })
  } finally {
    reporter.close()
    cancellation.release()
  }
}

function describe(name: string, { folder, files, skipped, sizeBytes, commit }: DownloadedModel): string[] {
  return [
    ...skipped.map(({ path, why }) => `not taken: ${path} (${why})`),
    `${name}: ${files.length} files, ${describeSize(sizeBytes)}, at commit ${commit.slice(0, 12)}`,
    folder,
  ]
}
