// `node apps/mini/dist/train-ablations.js --folder F`: trains every ablation with two seeds on the base in F/model
// and measures each; prints the table of docs/ablation.md. Resumes what is there. `--seed N` takes one seed alone, so that
// two such commands, on a core each, can share the work.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withLoras } from '@dreamgraph/dreamo'
import { evaluate, openProbe, type Probe, promptsOf, type Row, shippedProbe, tableOf } from '@dreamgraph/eval'
import { fileDigests, writeFileAtomic } from '@dreamgraph/store'
import { claimRunFolder } from '@dreamgraph/train'
import { type Ablation, ablations } from './ablations.js'
import { type AdapterGround, openGround, trainAdapterOn } from './adapter.js'
import { dreamoIn, writeDreamo } from './model-folder.js'
import { runPart } from './part.js'
import { printEvery, printFile } from './progress.js'

const allSeeds = [1n, 2n]
const prompts = [
  ...promptsOf({ tasks: ['subjects'], count: 24, difficulty: 0 }),
  ...promptsOf({ tasks: ['subject', 'identity'], count: 8, difficulty: 0 }),
]
const tables = new Map<string, Row[][]>()

await runPart(['seed'], async ({ runtime, signal, folder, share, seed: only }) => {
  const digests = fileDigests({ dir: join(folder, 'digests') })
  const base = await digests.digest(join(folder, 'model/transformer/diffusion_pytorch_model.safetensors'))
  await claimRunFolder(join(folder, 'ablations'), { share: String(share), base }) // tables of other runs would be taken for its own
  const probe = await openProbe(shippedProbe, runtime)
  const ground = await openGround(runtime, folder, { share, signal, onFile: printFile })
  for (const seed of only === undefined ? allSeeds : [only]) {
    for (const ablation of ablations(seed, share)) {
      const at = join(folder, 'ablations', `${ablation.name}-${seed}`)
      const rows = await tableOfOne({ ground, probe, signal }, ablation, at)
      tables.set(ablation.name, [...(tables.get(ablation.name) ?? []), rows])
    }
  }
  console.log(printTable())
})

interface Bench {
  readonly ground: AdapterGround
  readonly probe: Probe
  readonly signal: AbortSignal
}

/** The rows of one ablation, trained and measured unless that was done before. */
async function tableOfOne(
  { ground, probe, signal }: Bench,
  { name, config, learnIndex }: Ablation,
  at: string,
): Promise<Row[]> {
  const path = join(at, 'table.json')
  const known = await readFile(path, 'utf8').catch(() => undefined)
  if (known) return JSON.parse(known) as Row[]
  console.log(`${name}, seed ${config.seed}`)
  const learnt = await trainAdapterOn(ground, { config, folder: at, learnIndex, signal, onStep: printEvery(100) })
  await writeDreamo(at, learnt, config.rank)
  const model = await withLoras({ ...ground.base, loraMode: 'fused' }, [{ path: dreamoIn(at), weight: 1 }])
  const evaluation = await evaluate({
    ...{ model, probe, prompts, signal },
    ...{ seeds: [1n, 2n], steps: 12, guidance: 1, trueCfg: 2 },
  })
  const rows = tableOf(evaluation)
  await writeFileAtomic(path, JSON.stringify(rows))
  return rows
}

/** A row for each metric, a column for each ablation: per cent of each seed. */
function printTable(): string {
  const names = [...tables.keys()]
  const metrics = [...new Set([...tables.values()].flat(2).map(({ metric }) => metric))]
  const cell = (rows: readonly Row[], metric: string): string => {
    const share = rows.find((row) => row.metric === metric)?.all.share
    return share === undefined ? '–' : (100 * share).toFixed(1)
  }
  const lines = metrics.map((metric) => {
    const cells = names.map((name) =>
      tables
        .get(name)!
        .map((rows) => cell(rows, metric))
        .join(' / '),
    )
    return `| ${[metric, ...cells].join(' | ')} |`
  })
  return [`| ${['', ...names].join(' | ')} |`, `|${' --- |'.repeat(names.length + 1)}`, ...lines].join('\n')
}
