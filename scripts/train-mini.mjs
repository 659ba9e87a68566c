// npm run train:mini: the whole recipe of models/mini, part after part, and where it goes. It resumes where it was stopped.
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const help = `npm run train:mini -- [options]: trains the small model of models/mini from nothing but this repository.

Autoencoder, first on crops and then on whole pictures, base and adapter, and the decoder on what these two paint, one after
another: some five hours on two cores.
Ctrl-C ends the step that is under way and writes a checkpoint; stopped or killed, the same command goes on where it was.

  --folder FOLDER  data, checkpoints and the model, which lies in FOLDER/model (default: .dreamgraph/mini)
  --share SHARE    share of the recipe's steps, such as 0.1 to try it out, in a folder of its own (default: 1)
  --from MODEL     go on from a trained model, such as models/mini: its encoder stays, all behind it learns on. Wants a --folder
                   of its own
  --only PART      with --from: base, adapter or decoder alone learns on
  --into FOLDER    in the end put the model into this folder, such as models/mini, over the one that is there; and, where
                   the probe is trained (npm run train:probe), a sheet of samples as sheet.webp. Without it nothing outside
                   --folder is written. May be given later, with the same --share: what is trained is not trained again.
`

const options = readOptions()
const model = join(options.folder, 'model')
let stopSignal

const from = options.from === undefined ? [] : ['--from', resolve(options.from)]
await claimFolder()
const parts = [...(options.from === undefined ? ['pictures'] : []), 'base', 'adapter', 'decoder']
for (const part of ['vae', ...(options.only ? [options.only] : parts)]) {
  await run(
    join(root, `apps/mini/dist/train-${part}.js`),
    '--folder',
    options.folder,
    '--share',
    options.share,
    ...(['vae', 'base', 'adapter'].includes(part) ? from : []), // the others learn on what these have left
  )
}
if (options.into === undefined) {
  console.log(
    `The model is in ${model}. The same command with --into models/mini puts it where flows find it as "mini".`,
  )
} else {
  const { copyModel } = await import('../apps/mini/dist/copy-model.js')
  await copyModel(model, options.into)
  console.log(`copied to ${options.into}`)
  await makeSheet(options.into)
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        folder: { type: 'string', default: join(root, '.dreamgraph/mini') },
        share: { type: 'string', default: '1' },
        into: { type: 'string' },
        from: { type: 'string' },
        only: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (!(Number(values.share) > 0)) throw new Error(`--share: expected a number above 0, got ${values.share}`)
    if (values.only !== undefined && !['base', 'adapter', 'decoder'].includes(values.only)) {
      throw new Error(`--only: expected base, adapter or decoder, got ${values.only}`)
    }
    if (values.only !== undefined && values.from === undefined) throw new Error('--only: expected --from beside it')
    if (!values.help) return values
    console.log(help)
    process.exit(0)
  } catch (error) {
    console.error(`train:mini: ${error.message}\n\n${help}`)
    process.exit(2)
  }
}

/** Parts know their own numbers alone: with another share, or from another model, one would go on upon another's data. */
async function claimFolder() {
  const { claimRunFolder } = await import('../packages/train/dist/index.js')
  const record = { share: String(Number(options.share)), from: from.at(-1) ?? 'none' }
  await claimRunFolder(options.folder, record).catch((error) => {
    console.error(`train:mini: ${error.message}`)
    process.exit(2)
  })
}

/** Two prompts of each task, one picture of each: a page, in a minute. */
async function makeSheet(into) {
  const probe = join(root, 'models/mini/probe')
  if (!existsSync(join(probe, 'config.json'))) {
    console.log('no sheet of samples: npm run train:probe makes what reads them')
    return
  }
  const out = join(options.folder, 'eval')
  const cli = join(root, 'apps/cli/bin/dreamgraph.js')
  await run(cli, 'eval', '--model', resolve(into), '--count', '2', '--seeds', '1', '--out', out)
  copyFileSync(join(out, 'sheet.webp'), join(into, 'sheet.webp'))
  console.log(`samples: ${join(into, 'sheet.webp')}`)
}

/** Runs a program of ours to its end, and ends as it does unless that is well. Signals go on to it: it leaves a checkpoint. */
async function run(...args) {
  const child = spawn(process.execPath, args, { stdio: 'inherit' })
  const hand = (signal) => {
    stopSignal = signal
    child.kill(signal)
  }
  process.on('SIGINT', hand).on('SIGTERM', hand)
  const code = await new Promise((done) => child.on('error', () => done(1)).on('close', (status) => done(status ?? 1)))
  process.off('SIGINT', hand).off('SIGTERM', hand)
  if (code !== 0) process.exit(code)
  if (stopSignal) process.exit(130) // the part had just come to its end
}
