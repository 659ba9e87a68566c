// Flows of ComfyUI for tests: fixtures of the package, and prompts written short.
import { readFileSync } from 'node:fs'
import { type ComfyJson, type ComfyObject, type ImportedWorkflow, importComfy, parseComfy } from '@dreamgraph/comfy'
import { check, describeCatalogue, type Problem } from '@dreamgraph/graph'
import { nodeCatalogue } from '@dreamgraph/nodes'

export const catalogue = describeCatalogue(nodeCatalogue)

const folder = new URL('../../packages/comfy/src/testing/fixtures/', import.meta.url)

export const fixtureNames = [
  'dreamo-v1',
  'dreamo-v1.1',
  'dreamo-two-conditions',
  'dreamo-pipe',
  'flux-ksampler',
  'flux-custom-sampler',
] as const

export function fixture(name: (typeof fixtureNames)[number]): ComfyObject {
  return parseComfy(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as ComfyObject
}

export type ShortPrompt = Record<string, readonly [classType: string, inputs?: ComfyObject]>

/** A FLUX flow without DreamO, with `more` in it or in the place of its nodes. */
export function promptOf(more: ShortPrompt = {}): ComfyJson {
  const nodes: ShortPrompt = {
    unet: ['UNETLoader', { unet_name: 'flux1-dev.safetensors', weight_dtype: 'default' }],
    clip: ['DualCLIPLoader', { clip_name1: 't5', clip_name2: 'clip_l', type: 'flux' }],
    vae: ['VAELoader', { vae_name: 'ae.safetensors' }],
    text: ['CLIPTextEncode', { text: 'a fox', clip: ['clip', 0] }],
    not: ['CLIPTextEncode', { text: 'blurry', clip: ['clip', 0] }],
    size: ['EmptySD3LatentImage', { width: 1024, height: 1024, batch_size: 1 }],
    sampler: ['KSampler', sampler],
    decode: ['VAEDecode', { samples: ['sampler', 0], vae: ['vae', 0] }],
    save: ['SaveImage', { images: ['decode', 0], filename_prefix: 'fox' }],
    ...more,
  }
  return Object.fromEntries(
    Object.entries(nodes).map(([id, [class_type, inputs = {}]]) => [id, { class_type, inputs }]),
  )
}

/** Inputs of a KSampler that all goes well with. */
export const sampler = {
  model: ['unet', 0],
  positive: ['text', 0],
  negative: ['not', 0],
  latent_image: ['size', 0],
  seed: 7,
  steps: 20,
  cfg: 1,
  sampler_name: 'euler',
  scheduler: 'simple',
  denoise: 1,
} satisfies ComfyObject

/** Imports, and throws unless the checker has nothing to say but that a value is missing. */
export function imported(value: unknown): ImportedWorkflow {
  const result = importComfy(value, catalogue)
  const found = problems(result)
  if (found.length > 0) throw new Error(found.map(({ message }) => message).join('\n'))
  return result
}

/** Errors and warnings of an imported document, but for inputs without a value. */
export function problems({ workflow }: ImportedWorkflow): Problem[] {
  const checked = check(workflow, nodeCatalogue)
  const errors = checked.ok ? [] : checked.errors
  return [...errors, ...checked.warnings].filter(({ code }) => code !== 'check/missing-value')
}

/** `kind what: why` of each line about a node. */
export function linesOf({ report }: ImportedWorkflow, node: string): string[] {
  return report.filter((entry) => entry.node === node).map(({ kind, what, why }) => `${kind} ${what}: ${why}`)
}

/** `from.socket -> to.socket` of the links that end at a node of a type. */
export function feeds({ workflow }: ImportedWorkflow, type: string): string[] {
  const links = workflow.links ?? []
  return links
    .filter(({ to }) => workflow.nodes[to.node]!.type === type)
    .map(({ from, to }) => `${from.node}.${from.socket} -> ${to.node}.${to.socket}`)
}

/** The defaults of declared inputs. */
export function defaults({ workflow }: ImportedWorkflow): Record<string, unknown> {
  return Object.fromEntries(Object.entries(workflow.inputs ?? {}).map(([name, input]) => [name, input.default]))
}

/** Types of nodes with their params, by id. */
export function nodesOf({ workflow }: ImportedWorkflow): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(workflow.nodes).map(([id, { type, params }]) => [id, params ? [type, params] : type]),
  )
}
