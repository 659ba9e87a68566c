// FLUX transformers in the original single-file layout → diffusers' FluxTransformer2DModel.
// Checked against the public conversion script of diffusers (scripts/convert_flux_to_diffusers.py).
import { bflModule, unstack } from './bfl-modules.js'
import { concatRows, renamed, rows, type WeightSet, type WeightView } from './view.js'

/** Renames, splits fused rows and swaps the halves of the last modulation; every tensor stays where it lies on disk. */
export function fluxFromBfl(raw: WeightSet): WeightSet {
  const hidden = raw.get('img_in.weight')?.shape[0] ?? 0
  const canonical = new Map<string, WeightView>()
  for (const [name, view] of raw) {
    const { module, parameter } = splitParameter(name)
    const target = bflModule(module)
    if (!target) {
      canonical.set(name, view)
      continue
    }
    const whole = target.swapsHalves ? swapHalves(view) : view
    for (const part of unstack(whole, target, hidden)) {
      const key = `${part.module}.${parameter}`
      canonical.set(key, renamed(part.view, key))
    }
  }
  return canonical
}

/** [shift, scale] → [scale, shift] along dimension 0. */
export function swapHalves(view: WeightView): WeightView {
  const height = view.shape[0] ?? 0
  return concatRows([rows(view, Math.ceil(height / 2), height), rows(view, 0, Math.ceil(height / 2))])
}

/** `a.b.scale` → module `a.b`, parameter `weight`: the original calls the gain of an RMS norm `scale`. */
function splitParameter(name: string): { module: string; parameter: string } {
  const dot = name.lastIndexOf('.')
  const parameter = name.slice(dot + 1)
  return { module: name.slice(0, dot), parameter: parameter === 'scale' ? 'weight' : parameter }
}
