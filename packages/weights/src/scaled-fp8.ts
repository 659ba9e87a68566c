// Scaled fp8: a factor per weight, kept in a tensor of its own beside it.
import { WeightsError } from './errors.js'
import { readTensor, toFloat32 } from './read.js'
import type { WeightSet, WeightView } from './view.js'

export interface ScaledWeights {
  readonly weights: Map<string, WeightView>
  /** keys that are now part of a view, or that only matter to fp8 arithmetic */
  readonly consumed: readonly string[]
}

/** ComfyUI's older and newer name of the factor f in `weight = f · stored`. */
const scaleSuffixes = ['.scale_weight', '.weight_scale']
/** Factors for quantized activations, which we do not quantize, and the marker of the older form. */
const droppedNames = /(^|\.)(scale_input|input_scale|scaled_fp8)$/
/** A note per weight in the newer form: JSON in bytes, e.g. {"format": "float8_e4m3fn"}. */
const noteSuffix = '.comfy_quant'

/** Moves each factor onto its weight as `scale`. Reads the factors, one number each; weights stay on disk. */
export async function attachScales(raw: WeightSet): Promise<ScaledWeights> {
  const weights = new Map(raw)
  const consumed: string[] = []
  for (const [name, view] of raw) {
    const suffix = scaleSuffixes.find((ending) => name.endsWith(ending))
    const weight = suffix && weights.get(`${name.slice(0, -suffix.length)}.weight`)
    if (weight) weights.set(weight.name, { ...weight, scale: await readScale(view) })
    else if (name.endsWith(noteSuffix)) await checkNote(view)
    else if (!droppedNames.test(name)) continue
    weights.delete(name)
    consumed.push(name)
  }
  return { weights, consumed }
}

async function readScale(view: WeightView): Promise<number> {
  const count = view.shape.reduce((product, size) => product * size, 1)
  const [scale] = count === 1 ? await toFloat32(view) : []
  if (scale === undefined || !Number.isFinite(scale) || scale <= 0)
    throw new WeightsError(
      'weights/scale-unsupported',
      `${view.parts[0]?.file}: ${view.name}: expected one positive number, got ${scale ?? `shape [${view.shape}]`}`,
    )
  return scale
}

/** Other formats store rotated or packed values: read as plain numbers they would be noise. */
async function checkNote(view: WeightView): Promise<void> {
  const text = new TextDecoder().decode(await readTensor(view))
  if (!/"format"\s*:\s*"float8_(e4m3fn|e5m2)"/.test(text))
    throw new WeightsError(
      'weights/scale-unsupported',
      `${view.parts[0]?.file}: ${view.name}: expected format float8_e4m3fn or float8_e5m2, got ${text.slice(0, 80)}`,
    )
}
