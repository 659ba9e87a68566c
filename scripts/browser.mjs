// The browser that tests, measurements and pictures of the editor drive: where it is, and how to come by one.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const paths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
/** Debian's chromium brings the software Vulkan driver on which the WebGPU provider runs where there is no GPU. */
const vulkanDriver = '/usr/lib/chromium/vk_swiftshader_icd.json'

/** Path of an installed Chromium, `CHROMIUM` first; undefined if there is none. */
export function findBrowser() {
  return [process.env.CHROMIUM, ...paths].find((path) => path && existsSync(path))
}

/** Installs what is missing where that can be done without asking, and says what was done or what stays untested. */
export function provideBrowser(say = console.log) {
  const missing = [
    ...(findBrowser() ? [] : ['the editor in a browser']),
    ...(existsSync(vulkanDriver) ? [] : ['webgpu on software Vulkan']),
  ]
  if (missing.length === 0) return
  const why = whyNotInstalled()
  if (why === undefined) say('chromium: installed, for the tests of the editor and of WebGPU')
  else for (const what of missing) say(`${what} is not tested: ${why}`)
}

function whyNotInstalled() {
  if (process.platform !== 'linux' || !hasProgram('apt-get')) return 'no apt-get to install chromium with'
  if (process.getuid?.() !== 0) return 'not root, so chromium cannot be installed'
  const steps = [['update'], ['install', '--yes', '--no-install-recommends', 'chromium']]
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const isDone = steps.every((args) => spawnSync('apt-get', args, { stdio: 'ignore', env }).status === 0)
  return isDone ? undefined : 'apt-get install chromium failed'
}

const hasProgram = (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0
