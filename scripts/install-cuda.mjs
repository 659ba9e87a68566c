// Adds the CUDA provider to onnxruntime-node. A step of its own, because it downloads from outside the npm registry.
// Usage: npm run install:cuda [-- --dry-run]. Needed again after npm ci, which removes what is not in the lockfile.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

const require = createRequire(import.meta.url)
const manifest = 'cuda12'
const packageRoot = dirname(require.resolve('onnxruntime-node/package.json'))
const metadata = require(join(packageRoot, 'script/install-metadata.js'))
const platform = `${process.platform}/${process.arch}`

const files = metadata.manifests[`${platform}:${manifest}`]
if (!files) fail(`expected Linux on x64, for which there is a CUDA provider, got ${platform}`)

const [{ package: packageKey }] = Object.values(files)
const { name, versions } = metadata.packages[packageKey]
const [{ feed, version }] = versions
const folder = join(packageRoot, 'bin/napi-v6', platform)
const targets = Object.keys(files).map((file) => join(folder, file))

console.log(`onnxruntime-node ${readVersion()}: CUDA 12 provider`)
console.log(`  downloads  ${name} ${version}, a few hundred MB`)
console.log(`  from       ${metadata.feeds[feed].index}`)
for (const target of targets) console.log(`  writes     ${relative(process.cwd(), target)}`)

if (process.argv.includes('--dry-run')) process.exit(0)
install()
await report()

/** The package's own install script does the work: its versions belong together, and it honours GLOBAL_AGENT_HTTPS_PROXY. */
function install() {
  const script = join(packageRoot, 'script/install.js')
  const { status } = spawnSync(process.execPath, [script, `--onnxruntime-node-install=${manifest}`], {
    stdio: 'inherit',
  })
  const missing = targets.filter((target) => !existsSync(target))
  if (status !== 0 || missing.length > 0)
    fail(`expected the download to leave ${targets.length} files, got ${missing.length} missing`)
}

/** The provider links against CUDA 12 and cuDNN 9, which only a test graph proves. */
async function report() {
  const { openRuntime } = await import('../packages/runtime/dist/index.js')
  const opened = await openRuntime({ device: 'cuda' }).catch((error) => error)
  if (opened instanceof Error) fail(opened.message)
  await opened.close()
  console.log('cuda works: a test graph ran on it')
}

function readVersion() {
  return JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')).version
}

function fail(message) {
  console.error(`install:cuda: ${message}`)
  process.exit(1)
}
