// Opens a LoRA file of any known format as low-rank pairs under canonical module names.
import { unstack } from './bfl-modules.js'
import { type Checkpoint, openCheckpoint } from './checkpoint.js'
import { WeightsError } from './errors.js'
import { swapHalves } from './flux-keys.js'
import { configuredAlpha, type LoraConfig, readLoraConfig } from './lora-config.js'
import { type LoraFormat, type LoraKey, type LoraRole, parseLoraKey } from './lora-keys.js'
import { toFloat32 } from './read.js'
import { renamed, reshape, type WeightView } from './view.js'

/** A low-rank change of one weight: ΔW = s · up · down, s from `loraScales`. */
export interface LoraModule {
  /** [r, in] */
  readonly down: WeightView
  /** [out, r] */
  readonly up: WeightView
  /** s = alpha / r; when absent, see `loraScales` */
  readonly alpha?: number
}

/** What DreamO learnt beside its LoRA. */
export interface DreamoEmbeddings {
  /** [2, hidden]: row 0 for references, row 1 for the image */
  readonly task?: WeightView
  /** [10, hidden]: row i for reference i, 1-based */
  readonly idx?: WeightView
  /** [n, T5 width]: the last ten rows are [ref#1]…[ref#9], [res] */
  readonly t5?: WeightView
}

export interface Lora {
  /** absolute path as given */
  readonly path: string
  readonly format: LoraFormat
  /** by canonical module, e.g. `transformer_blocks.0.attn.to_q` */
  readonly modules: ReadonlyMap<string, LoraModule>
  readonly embeddings: DreamoEmbeddings
  /** keys that are part of none of the above, adapters of text encoders among them */
  readonly unknown: readonly string[]
  /** adapter_config.json beside the file, where scales come from it */
  readonly configFile?: string
}

type Group = { [role in LoraRole]?: WeightView } & { key: LoraKey }

/**
 * Opens a file or folder. Fused q, k, v share `down`; their `up` rows are split without a copy.
 * Throws WeightsError `weights/lora-invalid` for halves without the other half, `weights/lora-does-not-fit` when not a
 * single key belongs to a FLUX transformer.
 */
export async function openLora(path: string): Promise<Lora> {
  const checkpoint = await openCheckpoint(path)
  const groups = new Map<string, Group>()
  const embeddings: { -readonly [kind in keyof DreamoEmbeddings]: WeightView } = {}
  const unknown: string[] = []
  for (const view of checkpoint.tensors.values()) {
    const embedding = embeddingKind(view.name)
    const key = embedding ? undefined : parseLoraKey(view.name)
    if (embedding) embeddings[embedding] = view
    else if (key) {
      const group = groups.get(key.group) ?? { key }
      const other = group[key.role]
      if (other)
        invalid(
          checkpoint.path,
          `one adapter in a file, with one tensor as ${key.role} of ${key.group}`,
          `${other.name} and ${view.name}`,
        )
      groups.set(key.group, { ...group, [key.role]: view })
    } else unknown.push(view.name)
  }
  if (groups.size === 0 && Object.keys(embeddings).length === 0)
    throw new WeightsError(
      'weights/lora-does-not-fit',
      `${checkpoint.path}: expected LoRA keys of a FLUX transformer, got ${unknown.slice(0, 3).join(', ') || 'no tensors'}`,
    )
  const format = formatOf(groups)
  const file = checkpoint.files[0] ?? checkpoint.path
  const { config, path: configFile } = (await readLoraConfig(file, checkpoint.metadata, format)) ?? {}
  const modules = await pairUp(checkpoint, groups, { format, config })
  return { path: checkpoint.path, format, modules, embeddings, unknown, ...(configFile && { configFile }) }
}

/** Opens the embeddings of a `dreamo.safetensors` or of a separate `embedding.safetensors`. */
export async function openEmbeddings(path: string): Promise<DreamoEmbeddings> {
  const { tensors } = await openCheckpoint(path)
  const found = [...tensors.values()].flatMap((view) => {
    const kind = embeddingKind(view.name)
    return kind ? [[kind, view] as const] : []
  })
  return Object.fromEntries(found)
}

function embeddingKind(name: string): keyof DreamoEmbeddings | undefined {
  return /^(?:dreamo_)?(task|idx|t5)_embedding(?:\.weight)?$/.exec(name)?.[1] as keyof DreamoEmbeddings | undefined
}

/** The format of most keys; files that mix two are rare and each key is read by its own rule anyway. */
function formatOf(groups: ReadonlyMap<string, Group>): LoraFormat {
  const counts = new Map<LoraFormat, number>()
  for (const { key } of groups.values()) counts.set(key.format, (counts.get(key.format) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'xlabs'
}

async function pairUp(
  checkpoint: Checkpoint,
  groups: ReadonlyMap<string, Group>,
  { format, config }: { format: LoraFormat; config: LoraConfig | undefined },
): Promise<Map<string, LoraModule>> {
  const modules = new Map<string, LoraModule>()
  for (const [name, group] of groups) {
    const at = `${checkpoint.path}: ${name}`
    const { down, up } = halves(group, at)
    const rank = down.shape[0]!
    const alpha = group.alpha && (await readAlpha(group.alpha, at))
    for (const part of split(up, group, down.shape[1]!, at)) {
      if (modules.has(part.module)) invalid(at, `one LoRA per module`, `a second one for ${part.module}`)
      modules.set(part.module, {
        down: renamed(down, `${part.module}.lora_down`),
        up: renamed(part.view, `${part.module}.lora_up`),
        alpha: alpha ?? (config && configuredAlpha(config, part.module, rank)) ?? defaultAlpha(format),
      })
    }

    /** Trainers of the original names read a missing alpha as the rank; diffusers' rule is in `loraScales`. */
    function defaultAlpha(of: LoraFormat): number | undefined {
      return of === 'kohya' || of === 'comfy' ? rank : undefined
    }
  }
  return modules
}

function halves(group: Group, at: string): { down: WeightView; up: WeightView } {
  const { down, up } = group
  if (!down || !up) invalid(at, 'both halves of a low-rank pair', down ? 'down alone' : up ? 'up alone' : 'alpha alone')
  for (const half of [down, up])
    if (half.shape.length < 2 || half.shape.includes(0) || half.shape.slice(2).some((size) => size !== 1))
      invalid(at, 'matrices that are not empty', `shape [${half.shape}]`)
  return { down: reshape(down, down.shape.slice(0, 2)), up: reshape(up, up.shape.slice(0, 2)) }
}

function split(up: WeightView, group: Group, hidden: number, at: string): { module: string; view: WeightView }[] {
  try {
    return unstack(group.key.target.swapsHalves ? swapHalves(up) : up, group.key.target, hidden)
  } catch (cause) {
    if (!(cause instanceof WeightsError)) throw cause
    throw new WeightsError('weights/lora-invalid', `${at}: ${cause.message}`, { cause })
  }
}

async function readAlpha(view: WeightView, at: string): Promise<number> {
  const count = view.shape.reduce((product, size) => product * size, 1)
  const [alpha] = count === 1 ? await toFloat32(view) : []
  if (alpha === undefined || !Number.isFinite(alpha)) invalid(at, 'alpha to be one number', `shape [${view.shape}]`)
  return alpha
}

function invalid(where: string, rule: string, got: string): never {
  throw new WeightsError('weights/lora-invalid', `${where}: expected ${rule}, got ${got}`)
}
