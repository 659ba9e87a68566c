import { openRegistry } from '@dreamgraph/nodes'
import type { Models } from './http/handlers.js'
export async function openModels({
  home,
}: {
  home: string
  onLog: unknown
}): Promise<Models & { names: () => Promise<string[]>; close: () => Promise<void> }> {
  const registry = openRegistry(home)
  const no = async () => {
    throw new Error('internal: not yet')
  }
  return {
    names: async () => ['mini', ...Object.keys(await registry.list())],
    list: async () => [],
    report: no,
    download: no,
    downloads: () => [],
    cancelDownload: no,
    remove: no,
    close: async () => {},
  }
}
