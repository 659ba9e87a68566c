// A data folder with an embedded database as it is after a first start, made once and copied: making it takes seconds.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdtemp, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openEmbedded } from '../database/embedded.js'
import { migrate } from '../database/schema.js'
import { Boss } from '../jobs/boss.js'

/** Puts a copy into a folder that does not exist yet. */
export async function copyTemplate(folder: string): Promise<void> {
  const template = join(tmpdir(), `dreamgraph-template-${version()}`)
  if (!existsSync(template)) await make(template)
  await cp(template, folder, { recursive: true })
}

/** Of everything that the tables hang on. */
function version(): string {
  const require = createRequire(import.meta.url)
  const schema = readFileSync(new URL('../database/schema.ts', import.meta.url), 'utf8')
  const packages = ['@electric-sql/pglite', 'pg-boss'].map((name) => {
    const entry = require.resolve(name)
    const folder = entry.slice(0, entry.lastIndexOf(`${name}/`) + name.length)
    return readFileSync(join(folder, 'package.json'), 'utf8')
  })
  return createHash('sha256')
    .update([schema, ...packages].join('\n'))
    .digest('hex')
    .slice(0, 16)
}

async function make(template: string): Promise<void> {
  const folder = await mkdtemp(join(dirname(template), 'dreamgraph-template-new-'))
  const database = await openEmbedded(folder)
  await migrate(database)
  const boss = await Boss.open(database, () => {})
  await boss.stop()
  await database.close()
  // Another test file may have been faster.
  await rename(folder, template).catch(() => rm(folder, { recursive: true, force: true }))
}
