// npm run train:mini: the whole recipe of models/mini, stage after stage; it resumes where it was stopped.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
for (const stage of ['vae', 'base', 'adapter']) {
  const script = join(root, `apps/mini/dist/train-${stage}.js`)
  const { status } = spawnSync(process.execPath, [script, ...process.argv.slice(2)], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
