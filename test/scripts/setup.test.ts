import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const repository = fileURLToPath(new URL('../..', import.meta.url))
let root: string

/** A checkout of one package, already installed: its node_modules leads to the real one. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'dreamgraph-setup-'))
  await cp(join(repository, 'scripts/setup.mjs'), join(root, 'scripts/setup.mjs'))
  for (const file of ['turbo.json', 'tsconfig.base.json', 'package-lock.json']) {
    await cp(join(repository, file), join(root, file))
  }
  await writePackageJson('>=20.19')
  await mkdir(join(root, 'node_modules'))
  for (const name of await readdir(join(repository, 'node_modules'))) {
    if (name === '@dreamgraph' || name === '.dreamgraph-setup') continue
    await symlink(join(repository, 'node_modules', name), join(root, 'node_modules', name))
  }
  // The links lead into the real node_modules: a real npm would tidy up there.
  await mkdir(join(root, 'no-npm'))
  await writeFile(noNpm(), "console.error('this test has no npm'); process.exit(9)")
  const one = join(root, 'packages/one')
  await mkdir(join(one, 'src'), { recursive: true })
  await writeFile(
    join(one, 'package.json'),
    JSON.stringify({ name: 'one', type: 'module', scripts: { build: 'tsc -p tsconfig.json' } }),
  )
  await writeFile(
    join(one, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.base.json',
      compilerOptions: { rootDir: 'src', outDir: 'dist', types: [] },
      include: ['src'],
    }),
  )
  await writeFile(join(one, 'src/index.ts'), 'export const answer = 41\n')
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function writePackageJson(node: string): Promise<void> {
  const { packageManager } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'))
  const json = { name: 'checkout', private: true, packageManager, engines: { node }, workspaces: ['packages/*'] }
  await writeFile(join(root, 'package.json'), JSON.stringify(json))
}

const noNpm = () => join(root, 'no-npm/npm-cli.js')

function setup(): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, npm_execpath: noNpm() }
    execFile(process.execPath, [join(root, 'scripts/setup.mjs')], { env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr })
    })
  })
}

const built = () => readFile(join(root, 'packages/one/dist/index.js'), 'utf8')

test('builds what is missing, once for two that start together, and is quiet afterwards', async () => {
  const both = await Promise.all([setup(), setup()])
  expect(both.map(({ code }) => code)).toEqual([0, 0])
  const lines = both.map(({ output }) => output).join('')
  expect(lines.match(/building/g)).toHaveLength(1)
  expect(await built()).toContain('answer = 41')
  expect(await setup()).toEqual({ code: 0, output: '' })
})

test('builds again after an edit, and takes over the lock of a process that is gone', async () => {
  await writeFile(join(root, 'packages/one/src/index.ts'), 'export const answer = 42\n')
  const gone = await new Promise<number>((resolve) => {
    const child = execFile(process.execPath, ['-e', ''], () => resolve(child.pid!))
  })
  await writeFile(join(root, '.dreamgraph/setup.lock'), `${gone}`)
  expect(await setup()).toEqual({ code: 0, output: 'dreamgraph: building …\n' })
  expect(await built()).toContain('answer = 42')
})

test('shows the first error of a build that fails, and tries again next time', async () => {
  await writeFile(join(root, 'packages/one/src/index.ts'), 'export const answer: string = 42\n')
  for (const attempt of [1, 2]) {
    const { code, output } = await setup()
    expect([attempt, code]).toEqual([attempt, 1])
    expect(output).toContain("src/index.ts(1,14): error TS2322: Type 'number' is not assignable to type 'string'")
  }
})

test('refuses an older Node in one line', async () => {
  await writePackageJson('>=99.1')
  expect(await setup()).toEqual({
    code: 1,
    output: `dreamgraph: expected Node 99.1 or newer, got ${process.versions.node} (https://nodejs.org)\n`,
  })
})
