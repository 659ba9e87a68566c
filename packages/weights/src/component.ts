// Opens one component of a FLUX pipeline from whatever file or folder holds it, under its canonical names.
import { type Checkpoint, openCheckpoint } from './checkpoint.js'
import { WeightsError } from './errors.js'
import { attachScales } from './scaled-fp8.js'
import { renamed, type WeightSet, type WeightView } from './view.js'

/** Who laid out the keys: diffusers / transformers folders, Black Forest Labs' originals, or latent-diffusion (LDM). */
export type Layout = 'diffusers' | 'transformers' | 'bfl' | 'ldm'

export interface Component {
  /** absolute path as given: a file or a folder */
  readonly path: string
  /** absolute paths of the files that hold the component's data */
  readonly files: readonly string[]
  readonly layout: Layout
  /** what stood before every key; empty but in all-in-one files, e.g. `model.diffusion_model.` */
  readonly prefix: string
  /** tensors by canonical name; a key of no known meaning keeps its own name, so that a match report shows it */
  readonly weights: WeightSet
  /** keys left out on purpose: fp8 factors (now on the views), buffers, tied copies, tensors that FLUX never uses */
  readonly ignored: readonly string[]
}

/** One way in which a component may lie on disk. */
export interface LayoutRule {
  readonly layout: Layout
  readonly prefixes: readonly string[]
  /** a key that this layout always has and no other layout of the same component has */
  readonly signature: string
  /** raw names without prefix → canonical names */
  readonly toCanonical: (raw: WeightSet) => WeightSet
  /** raw names without prefix that are left out */
  readonly isIgnored?: (name: string, raw: WeightSet) => boolean
}

/** Opens `path`, detects by keys which rule applies, and renames. Throws WeightsError when none does. */
export async function openComponent(path: string, what: string, rules: readonly LayoutRule[]): Promise<Component> {
  const checkpoint = await openCheckpoint(path)
  for (const rule of rules)
    for (const prefix of rule.prefixes)
      if (checkpoint.tensors.has(prefix + rule.signature)) return await applyRule(checkpoint, rule, prefix)
  const wanted = rules.map((rule) => rule.signature).join(' or ')
  const got = [...checkpoint.tensors.keys()].slice(0, 3).join(', ') || 'no tensors'
  throw new WeightsError(
    'weights/layout-unknown',
    `${checkpoint.path}: expected ${what} with key ${wanted}, got ${got}`,
  )
}

async function applyRule(checkpoint: Checkpoint, rule: LayoutRule, prefix: string): Promise<Component> {
  const prefixed = new Map<string, WeightView>()
  for (const [name, view] of checkpoint.tensors)
    if (name.startsWith(prefix)) prefixed.set(name.slice(prefix.length), renamed(view, name.slice(prefix.length)))
  const { weights: raw, consumed } = await attachScales(prefixed)
  const ignored = [...raw.keys()].filter((name) => rule.isIgnored?.(name, raw))
  for (const name of ignored) raw.delete(name)
  return {
    path: checkpoint.path,
    files: checkpoint.files,
    layout: rule.layout,
    prefix,
    weights: rule.toCanonical(raw),
    ignored: [...consumed, ...ignored],
  }
}
