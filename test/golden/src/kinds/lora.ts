// LoRA cases: the fused weights themselves, and the transformer's output with LoRA fused and as branches.
import { join } from 'node:path'
import { openComponent, parametersOf, Sessions } from '@dreamgraph/dreamo'
import { constant, mul, type Tensor } from '@dreamgraph/onnx'
import type { Runtime } from '@dreamgraph/runtime'
import { assertLoraFits, type LoraScaleOptions, loraScales, matchLora, openLora } from '@dreamgraph/weights'
import type { GoldenCase } from '../case-folder.js'
import type { Computed } from '../computed.js'
import { readCall, runTransformer } from './flux.js'

type Stack = readonly { file: string; weight: number; mixedRanks?: LoraScaleOptions['mixedRanks'] }[]
type Adapters = NonNullable<NonNullable<Parameters<typeof parametersOf>[1]>['adapters']>

export async function runLora(golden: GoldenCase, runtime: Runtime): Promise<Computed> {
  const component = await openComponent('transformer', join(golden.dir, golden.params.transformer_dir))
  const { weights } = component
  const computed: Computed = new Map()
  for (const [name, stack] of Object.entries(stacksOf(golden))) {
    const adapters = await openStack(golden, stack, weights)
    // Both modes must give the recorded output: branches are what is compared, fused must agree with it too.
    for (const loraMode of ['branches', 'fused'] as const) {
      const outputs = await runTransformer(component, runtime, readCall(golden), { adapters, loraMode })
      computed.set(loraMode === 'branches' ? `output_${name}` : `fused/output_${name}`, outputs.get('output')!)
    }
    assertClose(golden, computed, name)
    const prefix = `fused_${name}/`
    const keys = golden.wanted.filter((tensor) => tensor.name.startsWith(prefix)).map((tensor) => tensor.name)
    for (const [key, data] of await fuse(keys, prefix, adapters, weights, runtime)) computed.set(key, data)
  }
  return computed
}

/** Name of the recorded output → what was loaded for it. */
function stacksOf({ params }: GoldenCase): Record<string, Stack> {
  const published = (list: readonly [string, number][]): Stack =>
    list.map(([name, weight]) => ({
      file: name.includes('Turbo') ? `${name}/diffusion_pytorch_model.safetensors` : `${name}.safetensors`,
      weight,
    }))
  const alone = (name: string, mixedRanks?: LoraScaleOptions['mixedRanks']): Stack => [
    { file: `extra/${name}.safetensors`, weight: params.corner_weight, mixedRanks },
  ]
  return {
    base: [],
    v1: published(params.v1),
    v1_1: published(params.v1_1),
    v1_1_noturbo: published(params.v1_1.filter(([name]: [string]) => !name.includes('Turbo'))),
    alpha_all: alone('alpha_all'),
    alpha_partial: alone('alpha_partial'),
    mixed_rank: alone('mixed_rank', 'first-rank'),
    mixed_rank_scale1: alone('mixed_rank', 'unit'),
    kohya_alpha: alone('kohya_alpha'),
  }
}

async function openStack({ dir }: GoldenCase, stack: Stack, base: Parameters<typeof matchLora>[1]): Promise<Adapters> {
  const adapters = new Map<string, NonNullable<ReturnType<Adapters['get']>>>()
  for (const [i, { file, weight, mixedRanks }] of stack.entries()) {
    const path = join(dir, 'weights', file)
    const lora = await openLora(path)
    assertLoraFits(matchLora(lora, base), path)
    const scales = loraScales(lora.modules, weight, { mixedRanks })
    for (const [module, { down, up }] of lora.modules) {
      const adapter = { name: `lora${i}`, down, up, scale: scales.get(module)! }
      adapters.set(module, [...(adapters.get(module) ?? []), adapter])
    }
  }
  return adapters
}

/** The weights themselves after fusing, as the graph sees them. */
async function fuse(
  keys: readonly string[],
  prefix: string,
  adapters: Adapters,
  weights: Parameters<typeof parametersOf>[0],
  runtime: Runtime,
): Promise<Map<string, Float32Array>> {
  if (keys.length === 0) return new Map()
  const parameters = parametersOf(weights, { adapters, loraMode: 'fused' })
  const outputs: Record<string, Tensor> = {}
  for (const name of keys) {
    const key = name.slice(prefix.length)
    outputs[name] = mul(parameters.weight(key, weights.get(key)!.shape), constant(1))
  }
  const results = await (await new Sessions(runtime).of('golden fused weights', outputs)).run({})
  return new Map(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]))
}

/** Fused and branched outputs must be the same numbers up to rounding. Throws otherwise. */
function assertClose(golden: GoldenCase, computed: Computed, name: string): void {
  const [branches, fused] = [computed.get(`output_${name}`)!, computed.get(`fused/output_${name}`)!]
  const { atol } = golden.wanted.find((tensor) => tensor.name === `output_${name}`)!
  const worst = Array.from(branches, (x, i) => Math.abs(x - fused[i])).reduce((a, b) => Math.max(a, b), 0)
  if (!(worst <= atol))
    throw new Error(`${name}: expected fused and branched LoRA to agree within ${atol}, got ${worst}`)
}
