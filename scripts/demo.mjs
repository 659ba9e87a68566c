// npm run demo: runs an example workflow headless and says where the picture is.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const model = join(root, '.dreamgraph', 'random-model')
const workflow = join(root, 'examples', 'workflows', 'two-subjects.json')

const startedAtMs = Date.now()
if (!existsSync(join(model, 'model_index.json'))) dreamgraph(['models', 'make-random', model])
const inputs = { model, width: 256, height: 256, name: 'demo' }
const inputArgs = Object.entries(inputs).flatMap(([name, value]) => ['--input', `${name}=${value}`])
const stdout = dreamgraph(['run', workflow, ...inputArgs, '--output', join(root, 'out')])

const picture = /^wrote (.*)$/m.exec(stdout)?.[1]
const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1)
console.log(`picture: ${picture && relative(process.cwd(), picture)} (${seconds} s)`)
console.log('The model of this demo is tiny and has random weights: coloured noise shows that the whole pipe works,')
console.log(
  'from prompt and two reference pictures to a PNG that carries its workflow. It does not show what DreamO can do.',
)
console.log(
  'With FLUX.1-dev and DreamO on disk: npx dreamgraph run examples/workflows/two-subjects.json --input model=FOLDER',
)

/** Runs the command with its progress on our terminal; its stdout. Ends the demo when it fails. */
function dreamgraph(args) {
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'apps/cli/bin/dreamgraph.js'), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) process.exit(status ?? 1)
  return stdout
}
