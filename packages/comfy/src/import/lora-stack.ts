/**
 * DreamO's published LoRA stacks, recognised by names and weights. Numbers: dreamo_generator.py of bytedance/DreamO for v1 and
 * v1.1; the workflows of ComfyUI-DreamO have 1.2 in the place of 1.25 for dpo.
 */
import type { LoraRole, LoraUse } from './values.js'

/** The most specific names first: all of them contain "dreamo". */
const roles: readonly (readonly [RegExp, LoraRole])[] = [
  [/turbo/i, 'turbo'],
  [/dreamo.*cfg[-_]?distill/i, 'cfg_distill'],
  [/dreamo.*pos/i, 'quality_pos'],
  [/dreamo.*neg/i, 'quality_neg'],
  [/dreamo.*sft/i, 'sft'],
  [/dreamo.*dpo/i, 'dpo'],
  [/dreamo/i, 'dreamo'],
]

const recipes: Readonly<Record<'v1.1' | 'v1', Readonly<Partial<Record<LoraRole, number>>>>> = {
  'v1.1': { dreamo: 1, cfg_distill: 1, sft: 1, dpo: 1.25 },
  v1: { dreamo: 1, cfg_distill: 1, quality_pos: 0.15, quality_neg: -0.8 },
}

/** A weight this near to the published one was meant to be it. */
const near = 0.1

export interface LoraStack {
  readonly preset?: { readonly version: keyof typeof recipes; readonly turbo: boolean }
  /** What the preset adds, each with its weight there. */
  readonly members: readonly { readonly lora: LoraUse; readonly published: number }[]
  /** What it does not, in order. */
  readonly others: readonly LoraUse[]
}

/** The part that a file plays in a stack, by its name. */
export function roleOf(file: string): LoraRole | undefined {
  return roles.find(([pattern]) => pattern.test(file))?.[1]
}

/** The preset in a stack of LoRAs, and what is left beside it. */
export function recognise(loras: readonly LoraUse[]): LoraStack {
  for (const version of ['v1.1', 'v1'] as const) {
    const wanted = Object.entries(recipes[version])
    const members = wanted.flatMap(([role, published]) => {
      const lora = loras.find((candidate) => candidate.role === role && isNear(candidate, published))
      return lora ? [{ lora, published }] : []
    })
    if (members.length < wanted.length) continue
    const turbo = loras.find((lora) => lora.role === 'turbo' && isNear(lora, 1))
    const all = turbo ? [...members, { lora: turbo, published: 1 }] : members
    const taken = new Set(all.map(({ lora }) => lora))
    return {
      preset: { version, turbo: turbo !== undefined },
      members: all,
      others: loras.filter((lora) => !taken.has(lora)),
    }
  }
  return { members: [], others: loras }
}

const isNear = ({ weight }: LoraUse, published: number): boolean => Math.abs(weight - published) <= near + 1e-9
