/** The environment of the child: the caller's, completed so that a Vulkan driver given by file is found. */

import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/**
 * VK_ICD_FILENAMES alone selects a Vulkan driver. Chromium's software driver lies beside a Vulkan loader, which
 * systems without a GPU often lack, and wants a folder for its run time.
 */
export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const driver = env.VK_ICD_FILENAMES?.split(delimiter)[0]
  if (!driver || process.platform !== 'linux') return env
  const folder = dirname(driver)
  const paths = [env.LD_LIBRARY_PATH, existsSync(join(folder, 'libvulkan.so.1')) && folder].filter(Boolean)
  return {
    ...env,
    XDG_RUNTIME_DIR: env.XDG_RUNTIME_DIR ?? tmpdir(),
    ...(paths.length > 0 && { LD_LIBRARY_PATH: paths.join(delimiter) }),
  }
}
