/** The environment of the child: the caller's, completed by what the allocator and a Vulkan driver need. */

import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/**
 * glibc maps large blocks one by one and returns each when it is freed, but stops doing so after the first few unless
 * the size is fixed: then what a run needed stays with the process.
 */
const mapThresholdBytes = 2 ** 20

export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (process.platform !== 'linux') return env
  return { MALLOC_MMAP_THRESHOLD_: String(mapThresholdBytes), ...env, ...vulkanEnvironment(env) }
}

/**
 * VK_ICD_FILENAMES alone selects a Vulkan driver. Chromium's software driver lies beside a Vulkan loader, which
 * systems without a GPU often lack, and wants a folder for its run time.
 */
function vulkanEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const driver = env.VK_ICD_FILENAMES?.split(delimiter)[0]
  if (!driver) return {}
  const folder = dirname(driver)
  const paths = [env.LD_LIBRARY_PATH, existsSync(join(folder, 'libvulkan.so.1')) && folder].filter(Boolean)
  return {
    XDG_RUNTIME_DIR: env.XDG_RUNTIME_DIR ?? tmpdir(),
    ...(paths.length > 0 && { LD_LIBRARY_PATH: paths.join(delimiter) }),
  }
}
