/**
 * What flows between ComfyUI's nodes, as the importer sees it: not yet nodes of ours, but what is known of them. A model is a
 * base with LoRAs and references; only where something samples it is it clear what becomes of all that.
 */
import type { ComfyJson } from '../exact-json.js'

/** An output of a node of ours. */
export type Socket = { readonly node: string; readonly socket: string }

/** A literal, with the place it is written at: two nodes fed by one place have one declared input. */
export interface Setting<T = ComfyJson> {
  readonly value: T
  readonly key: string
}

/** A node of ComfyUI, to name in the report. */
export interface Origin {
  readonly id: string
  readonly class: string
}

export interface BaseModel extends Origin {
  /** Name of the file that the flow asks for. */
  readonly asked: string
  /** A folder that the flow names, to be the default of the declared input. */
  readonly folder?: string
}

/** The parts of DreamO's published LoRA stacks. */
export type LoraRole = 'dreamo' | 'cfg_distill' | 'turbo' | 'quality_pos' | 'quality_neg' | 'sft' | 'dpo'

export interface LoraUse extends Origin {
  readonly file: string
  readonly weight: number
  readonly role?: LoraRole
}

/** One reference before it is in a slot of a model. */
export interface ReferencePlan extends Origin {
  /** Id of our node; made when first met, so that others may show the prepared picture. */
  readonly node: string
  /** Makes another one, for a second slot or model. */
  readonly again: () => string
}

export interface ReferenceUse extends Origin {
  readonly slot: number
  readonly plan: ReferencePlan
}

export interface ModelRecipe {
  readonly base: BaseModel
  readonly loras: readonly LoraUse[]
  readonly references: readonly ReferenceUse[]
  /** Whether ModelSamplingFlux fits the schedule to the size, as DreamO does. */
  readonly shiftsBySize: boolean
}

export interface TextPlan extends Origin {
  readonly text: Setting<string>
}

export interface EmptyLatent extends Origin {
  readonly width: Setting<number>
  readonly height: Setting<number>
  readonly batch: number
}

export type Guidance = Setting<number> | undefined

export type LatentValue =
  | ({ readonly of: 'nothing' } & EmptyLatent)
  | { readonly of: 'samples'; readonly socket: Socket; readonly model: string; readonly isList: boolean }
  | ({ readonly of: 'picture'; readonly image: Socket; readonly isList: boolean } & Origin)
  | { readonly of: 'reference'; readonly plan: ReferencePlan }

export interface Conditioning {
  readonly text: TextPlan
  readonly guidance: Guidance
}

export interface Guider {
  readonly recipe: ModelRecipe
  readonly positive: Conditioning
  readonly negative?: Conditioning
  readonly cfg: number
}

interface Kinds {
  readonly model: { readonly recipe: ModelRecipe }
  readonly clip: object
  readonly vae: object
  readonly conditioning: Conditioning
  readonly latent: { readonly latent: LatentValue }
  readonly image: { readonly socket: Socket; readonly isList: boolean }
  /** ComfyUI's masks are 1 where ours are 0 if they come from transparency; `isInverted` says that ours is the opposite. */
  readonly mask: { readonly socket: Socket; readonly isInverted: boolean; readonly isList: boolean }
  readonly literal: { readonly setting: Setting }
  readonly noise: { readonly seed: Setting<string> }
  readonly guider: { readonly guider: Guider }
  readonly sampler: { readonly name: string }
  readonly sigmas: { readonly steps: Setting<number>; readonly scheduler: string; readonly denoise: number }
  readonly pipe: { readonly recipe: ModelRecipe }
  readonly helper: object
  /** An output of a class that we do not know, or that has no counterpart: what went in may go on. */
  readonly unknown: {
    readonly origin: Origin
    readonly output: number
    readonly given: readonly Value[]
    /** The first text among its fields: of a loader, the file. */
    readonly file: string
  }
}

export type ValueKind = Exclude<keyof Kinds, 'unknown'>

export type ValueOf<K extends keyof Kinds> = { readonly kind: K } & Kinds[K]

export type Value = { [K in keyof Kinds]: ValueOf<K> }[keyof Kinds]

/** What a node gives: by place, or, where the places are not known, the same for all. */
export type Outputs = readonly (Value | undefined)[] | ValueOf<'unknown'>
