// Parameters that learn. In a training graph they are inputs: what a step makes of them comes out again.
import type { Parameters } from '@dreamgraph/dreamo'
import { add, constant, input, matmul, mul, type Shape, type Tensor } from '@dreamgraph/onnx'

/** A low-rank change of one linear layer, to be learnt. */
export interface TrainableLora {
  /** Linear layer, such as `transformer_blocks.0.attn.to_q`. */
  readonly module: string
  readonly rank: number
  /** [out, in] of the layer's weight. */
  readonly shape: Shape
  /** Factor on up·down: alpha / rank. */
  readonly scale: number
}

/** Tensors that learn, by name; each is an input of the training graph. */
export type Trainables = ReadonlyMap<string, Tensor>

export const loraDown = (module: string): string => `${module}.lora_A.weight`
export const loraUp = (module: string): string => `${module}.lora_B.weight`

/**
 * Where a LoRA that learns enters. branches — beside its layer: y += s·(x·downᵀ)·upᵀ, which costs by the tokens and keeps
 * gradients as small as the LoRA. fused — in its weight: W + s·up·down, once a step: as fast as a layer without LoRA
 * whatever the rank, but the gradient of each whole W exists for a moment. The numbers are the same.
 */
export type TrainedLoraMode = 'branches' | 'fused'

/**
 * A frozen base with LoRA that learns on it. Names are those of diffusers' files: `module.lora_A.weight` [rank, in] and
 * `module.lora_B.weight` [out, rank].
 */
export function withTrainableLora(
  base: Parameters,
  loras: readonly TrainableLora[],
  mode: TrainedLoraMode = 'branches',
): { parameters: Parameters; trainables: Trainables } {
  const trainables = new Map<string, Tensor>()
  const branches = new Map(
    loras.map(({ module, rank, shape: [out, width], scale }) => {
      const down = input(loraDown(module), [rank, width])
      const up = input(loraUp(module), [out, rank])
      trainables.set(loraDown(module), down).set(loraUp(module), up)
      return [module, { down, up, scale }]
    }),
  )
  if (mode === 'branches') {
    const parameters: Parameters = {
      weight: (key, shape) => base.weight(key, shape),
      branches(module) {
        const own = branches.get(module)
        return [...base.branches(module), ...(own ? [own] : [])]
      },
    }
    return { parameters, trainables }
  }
  const suffix = '.weight'
  const parameters: Parameters = {
    weight(key, shape) {
      const own = key.endsWith(suffix) ? branches.get(key.slice(0, -suffix.length)) : undefined
      const whole = base.weight(key, shape)
      if (!own) return whole
      const change = matmul(own.up, own.down) // [out, rank] × [rank, in]
      return add(whole, own.scale === 1 ? change : mul(change, constant(own.scale)))
    },
    branches: (module) => base.branches(module),
  }
  return { parameters, trainables }
}

/** A model whose every weight learns; `trainables` fills while the model is built. */
export function allTrainable(): { parameters: Parameters; trainables: Trainables } {
  const trainables = new Map<string, Tensor>()
  const parameters: Parameters = {
    weight(key, shape) {
      const known = trainables.get(key) ?? input(key, shape)
      trainables.set(key, known)
      return known
    },
    branches: () => [],
  }
  return { parameters, trainables }
}
