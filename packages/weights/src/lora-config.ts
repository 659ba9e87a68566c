// Alphas that stand not in tensors but in a configuration: PEFT's adapter_config.json, diffusers' file metadata.
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { WeightsError } from './errors.js'
import type { LoraFormat } from './lora-keys.js'

/** PEFT's LoraConfig, the fields that decide the scale. */
export interface LoraConfig {
  readonly lora_alpha?: number
  readonly alpha_pattern?: Readonly<Record<string, number>>
  readonly use_rslora?: boolean
  readonly use_dora?: boolean
}

/**
 * The configuration that goes with a LoRA file, with its path where it has a file of its own; or undefined. Only PEFT's own files and names are taken to belong to an
 * adapter_config.json beside them: a folder of downloads may hold one that is about another file.
 */
export async function readLoraConfig(
  file: string,
  metadata: ReadonlyMap<string, string>,
  format: LoraFormat,
): Promise<{ config: LoraConfig; path?: string } | undefined> {
  const embedded = metadata.get('lora_adapter_metadata')
  if (embedded !== undefined) return { config: parseConfig(stripPrefix(embedded), `${file}: lora_adapter_metadata`) }
  if (format !== 'peft' && basename(file) !== 'adapter_model.safetensors') return undefined
  const beside = join(dirname(file), 'adapter_config.json')
  const text = await readFile(beside, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new WeightsError('weights/lora-invalid', `${beside}: expected a readable file, got ${error.code}`)
  })
  return text === undefined ? undefined : { config: parseConfig(text, beside), path: beside }
}

/**
 * alpha such that alpha / rank is the scale. A pattern names the end of a module's name and beats the common value;
 * rank-stabilized LoRA divides by √rank instead of rank.
 */
export function configuredAlpha(config: LoraConfig, module: string, rank: number): number | undefined {
  const pattern = Object.entries(config.alpha_pattern ?? {}).find(
    ([name]) => module === name || module.endsWith(`.${name}`) || `transformer.${module}` === name,
  )
  const alpha = pattern?.[1] ?? config.lora_alpha
  return alpha !== undefined && config.use_rslora ? alpha * Math.sqrt(rank) : alpha
}

function parseConfig(text: string, where: string): LoraConfig {
  let config: unknown
  try {
    config = JSON.parse(text)
  } catch (cause) {
    throw new WeightsError('weights/lora-invalid', `${where}: expected JSON, got ${(cause as Error).message}`, {
      cause,
    })
  }
  const { lora_alpha: alpha, alpha_pattern: pattern, use_dora: usesDora } = (config ?? {}) as Record<string, unknown>
  const patterns = pattern ?? {}
  const isValid =
    (alpha === undefined || Number.isFinite(alpha)) &&
    typeof patterns === 'object' &&
    Object.values(patterns).every(Number.isFinite)
  if (!isValid)
    throw new WeightsError(
      'weights/lora-invalid',
      `${where}: expected numbers for lora_alpha and alpha_pattern, got ${JSON.stringify({ alpha, pattern })}`,
    )
  if (usesDora) throw new WeightsError('weights/lora-invalid', `${where}: expected plain LoRA, got DoRA (use_dora)`)
  return config as LoraConfig
}

/** diffusers puts the configs of all components into one record: `transformer.lora_alpha`. */
function stripPrefix(text: string): string {
  return text.replaceAll(
    /"transformer\.(r|lora_alpha|alpha_pattern|rank_pattern|use_rslora|use_dora)"(\s*:)/g,
    '"$1"$2',
  )
}
