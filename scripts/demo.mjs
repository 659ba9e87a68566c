// npm run demo: two references and a prompt become a picture, by the small model that comes with the repository.
import { spawnSync } from 'node:child_process'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const workflow = join(root, 'examples', 'workflows', 'mini.json')

const startedAtMs = Date.now()
const stdout = dreamgraph(['run', workflow, '--input', 'name=demo', '--output', join(root, 'out')])

const picture = /^wrote (.*)$/m.exec(stdout)?.[1]
const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1)
console.log(`picture: ${picture && relative(process.cwd(), picture)} (${seconds} s)`)
console.log('made from the prompt in examples/workflows/mini.json and two references in examples/pictures:')
console.log('mini-teapot.png and mini-robot.png. Another one: npx dreamgraph run examples/workflows/mini.json \\')
console.log(
  '  --input seed=7 --input prompt="the teapot [ref#1] at the top and the robot [ref#2] at the bottom, in the snow"',
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
