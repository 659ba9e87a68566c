// Makes a checkout ready to run: installs and builds what is missing or stale, and says nothing when all is well.
// Plain Node without dependencies, because it runs before there are any.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stampPath = join(root, 'node_modules', '.dreamgraph-setup')
const lockPath = join(root, '.dreamgraph', 'setup.lock') // node_modules may not be there yet

refuseOldNode()
if (staleParts().length > 0) withLock(setUp)

function refuseOldNode() {
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node.replace('>=', '')
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number)
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return
  fail(`dreamgraph: expected Node ${wanted} or newer, got ${process.versions.node} (https://nodejs.org)`)
}

/** Asked again under the lock: whoever held it before may have done the work. */
function setUp() {
  if (staleParts().includes('packages')) install()
  if (staleParts().includes('build')) build()
}

function staleParts() {
  const stamp = readStamp()
  const parts = []
  if (stamp.packages !== lockfileHash() && !installedByHand()) parts.push('packages')
  if (stamp.build !== sourceHash() || builtPackages().some((dir) => !existsSync(join(dir, 'dist')))) {
    parts.push('build')
  }
  return parts
}

/**
 * Versions are those of the lockfile, which stays as it is. Not `npm ci`: that refuses a lockfile without the optional
 * packages of every platform, and registry mirrors do not carry all of them.
 */
function install() {
  console.error('dreamgraph: installing packages (npm install) …')
  const [command, ...args] = npmCommand()
  const npm = spawnSync(command, [...args, 'install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32' && args.length === 0,
  })
  if (npm.status !== 0) fail('dreamgraph: npm install failed; its messages are above')
  writeStamp({ packages: lockfileHash() })
}

function build() {
  console.error('dreamgraph: building …')
  const hash = sourceHash() // before, so that an edit during the build is noticed next time
  const program = join(root, 'node_modules/turbo/bin/turbo')
  const turbo = spawnSync(process.execPath, [program, 'run', 'build', '--output-logs=errors-only'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', TURBO_UI: 'false' },
  })
  if (turbo.status !== 0) {
    process.stderr.write(`${turbo.stdout ?? ''}${turbo.stderr ?? ''}`)
    fail('dreamgraph: the build failed; the first error is above')
  }
  writeStamp({ build: hash })
}

/** The npm that runs us if there is one, else the one in PATH. */
function npmCommand() {
  // biome-ignore lint/suspicious/noUndeclaredEnvVars: never part of a turbo task
  const running = process.env.npm_execpath
  return running?.endsWith('npm-cli.js') ? [process.execPath, running] : ['npm']
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampPath, 'utf8'))
  } catch {
    return {} // never set up, or a torn stamp: do it again
  }
}

function writeStamp(part) {
  writeFileSync(stampPath, `${JSON.stringify({ ...readStamp(), ...part })}\n`)
}

function lockfileHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
}

/** True when npm's own record of what is installed agrees with the lockfile, as after a plain `npm install`. */
function installedByHand() {
  let installed
  try {
    installed = JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8')).packages
  } catch {
    return false
  }
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const external = Object.entries(wanted).filter(([path, { link }]) => path.includes('node_modules/') && !link)
  const same = external.every(([path, { version, optional, peer }]) => {
    return path in installed ? installed[path].version === version : optional || peer
  })
  if (same) writeStamp({ packages: lockfileHash() })
  return same
}

/** Folders that the build fills: every workspace with a `build` script. */
function builtPackages() {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return workspaces.flatMap(expand).filter((dir) => {
    const path = join(dir, 'package.json')
    return existsSync(path) && JSON.parse(readFileSync(path, 'utf8')).scripts?.build !== undefined
  })
}

function expand(pattern) {
  const dir = join(root, pattern.replace(/\/\*$/, ''))
  return pattern.endsWith('/*') ? readdirSync(dir).map((name) => join(dir, name)) : [dir]
}

/** Name, size and time of every file that the build reads; reading them all would cost more than it saves. */
function sourceHash() {
  const hash = createHash('sha256')
  const add = (path) => {
    const { size, mtimeMs } = statSync(path)
    hash.update(`${path}\0${size}\0${mtimeMs}\n`)
  }
  add(join(root, 'tsconfig.base.json'))
  for (const dir of builtPackages()) {
    for (const name of ['package.json', 'tsconfig.json', 'index.html', 'vite.config.ts']) {
      if (existsSync(join(dir, name))) add(join(dir, name))
    }
    for (const entry of readdirSync(join(dir, 'src'), { recursive: true, withFileTypes: true })) {
      if (entry.isFile() && !entry.name.endsWith('.test.ts')) add(join(entry.parentPath, entry.name))
    }
  }
  return hash.digest('hex')
}

/** One setup at a time. A lock whose process is gone is taken over. */
function withLock(work) {
  mkdirSync(dirname(lockPath), { recursive: true })
  let waits = 0
  while (!takeLock()) {
    if (waits++ === 0) console.error('dreamgraph: another setup is running; waiting for it …')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  }
  process.on('exit', () => rmSync(lockPath, { force: true }))
  work()
}

function takeLock() {
  if (!isAlive(lockOwner())) rmSync(lockPath, { force: true })
  try {
    writeFileSync(lockPath, `${process.pid}`, { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    return false
  }
}

function lockOwner() {
  try {
    return Number(readFileSync(lockPath, 'utf8'))
  } catch {
    return process.pid // removed just now: look again
  }
}

function isAlive(pid) {
  if (pid === 0) return true // the owner has made the file and not yet written its number
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
