// The match report of a model, in the words of the protocol.
import { relative } from 'node:path'
import type { ModelReport } from '@dreamgraph/nodes'
import type { MatchReport } from '@dreamgraph/protocol'

export function describeReport(name: string, { path: folder, ok, parts, loras, presets }: ModelReport): MatchReport {
  // LoRA that are not there are told by the presets that lack them.
  const found = [...parts, ...loras.filter(({ state }) => state !== 'absent')]
  const details = new Map(loras.filter(({ state }) => state === 'wrong').map(({ path, detail }) => [path, detail]))
  return {
    name,
    isFine: ok,
    components: found.map(({ part, path, state, detail, tensors, missing, unused }) => ({
      component: part === 'LoRA' ? `LoRA ${inside(folder, path)}` : part,
      tensors,
      missing: [...missing],
      unused: [...unused],
      ...(state !== 'fits' && { message: detail }),
    })),
    presets: presets.map(({ name: preset, ready, missing }) => {
      const wrong = missing.flatMap((file) => [...details].flatMap(([path, why]) => (path.endsWith(file) ? [why] : [])))
      const message = [`lacks ${missing.join(', ')}`, ...wrong].join('; ')
      return { preset, isFine: ready, ...(!ready && { message }) }
    }),
  }
}

/** Where on this machine a model lies is not a client's business. */
function inside(folder: string, path: string): string {
  const way = relative(folder, path)
  return way.startsWith('..') ? path : way.replaceAll('\\', '/')
}
