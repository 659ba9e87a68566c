// Which code computes which kind of case. A case is known by the name in its case.json.
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Quantization } from '@dreamgraph/dreamo'
import type { Runtime } from '@dreamgraph/runtime'
import { type GoldenCase, readCase } from './case-folder.js'
import { compareCase, type Verdict } from './compare.js'
import type { Computed } from './computed.js'
import { runClipCase } from './kinds/clip.js'
import { runFlux } from './kinds/flux.js'
import { runImageOps } from './kinds/image-ops.js'
import { runLora } from './kinds/lora.js'
import { runPipeline } from './kinds/pipeline.js'
import { runProbes } from './kinds/probes.js'
import { runScheduler } from './kinds/scheduler.js'
import { runT5Case } from './kinds/t5.js'
import { runTokenizers } from './kinds/tokenizers.js'
import { runTraining } from './kinds/training.js'
import { runVaeCase } from './kinds/vae.js'

type Kind = (golden: GoldenCase, runtime: Runtime, quantization?: Quantization) => Promise<Computed>

const kinds: readonly [name: RegExp, run: Kind][] = [
  [/^flux/, runFlux],
  [/^lora/, runLora],
  [/^vae/, runVaeCase],
  [/^clip/, runClipCase],
  [/^t5/, runT5Case],
  [/^pipeline/, runPipeline],
  [/^scheduler/, runScheduler],
  [/^image_ops/, runImageOps],
  [/^probes/, runProbes],
  [/^training/, runTraining],
]

/** Kinds that run a transformer as pictures are made, and so may be quantized. */
export const quantizedKinds = /^(flux|pipeline)/

/** Computes a case and compares it: one verdict a tensor. Throws for a kind that is not known. */
export async function runCase(
  dir: string,
  runtime: Runtime,
  quantization?: Quantization,
): Promise<{ name: string; verdicts: readonly Verdict[] }> {
  if (existsSync(join(dir, 'expected.json'))) return { name: basename(dir), verdicts: await runTokenizers(dir) }
  const golden = await readCase(dir)
  const run = kinds.find(([name]) => name.test(golden.name))?.[1]
  if (!run) throw new Error(`${dir}: expected a kind of case that is implemented, got "${golden.name}"`)
  return { name: golden.name, verdicts: compareCase(golden, await run(golden, runtime, quantization)) }
}
