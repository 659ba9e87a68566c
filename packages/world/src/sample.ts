// Samples of the picture world: a target, its references with exact masks, and captions.
import { captionOf, describe } from './caption.js'
import { drawScene } from './draw-scene.js'
import type { Mask, Picture } from './picture.js'
import { planSample, type ReferencePlan, type SamplePlan } from './plan.js'
import {
  type DrawnReference,
  drawFaceReference,
  drawGarmentReference,
  drawStyleReference,
  drawThingReference,
} from './references.js'
import { checkRequest, type SampleRequest } from './request.js'
import { createRng, type Rng } from './rng.js'
import type { PersonActor, Scene, ThingActor } from './scene.js'
import { difficultyOf, type Task, type TaskMixture, taskMixture, tasks } from './tasks.js'

/** A reference, with its slot and what it is for. */
export interface SampleReference {
  /** 1, 2, … : which `[ref#n]` and which index embedding. */
  readonly slot: number
  /** DreamO's word: ip keeps a whole thing or garment, id a face, style a manner. */
  readonly task: 'ip' | 'id' | 'style'
  /** `[ref#n]`; undefined for a style, which captions do not point at. */
  readonly placeholder?: string
  /** 48 or 64 pixels both ways. */
  readonly picture: Picture
  /** The subject in the reference. */
  readonly mask: Mask
  /** The subject in the target, exact to the pixel; undefined for a style, which is everywhere. */
  readonly targetMask?: Mask
}

export interface Sample {
  readonly task: Task
  /** 128 × 128 pixels. */
  readonly target: Picture
  /** In the order of their slots. */
  readonly references: readonly SampleReference[]
  /** One of the next two. */
  readonly caption: string
  /** Without placeholders. */
  readonly plainCaption: string
  /** With `[ref#n]` after every referenced subject; equal to plainCaption where there is none. */
  readonly placeholderCaption: string
  /** Everything in words, what references show included: the caption of a text-to-picture model. */
  readonly describedCaption: string
  /** Ground truth: every attribute of everything in the target. */
  readonly scene: Scene
}

/**
 * Renders one sample. A pure function: equal requests give equal bytes, in any order and in any process.
 * Throws WorldError on a bad request.
 */
export function renderSample(request: SampleRequest): Sample {
  const { plan, rng } = planOf(request)
  const { task } = plan
  const { placeholders = 'half', referenceSizePx = 64 } = request
  const drawn = drawScene(plan.scene, { boxPx: referenceSizePx })
  const plainCaption = captionOf(plan, { placeholders: false })
  const placeholderCaption = captionOf(plan, { placeholders: true })
  const pointed = placeholders === 'always' || (placeholders === 'half' && rng.fork('placeholders').chance(0.5))
  return {
    task,
    target: drawn.picture,
    references: plan.references.map((reference) => ({
      slot: reference.slot,
      task: reference.shows === 'style' ? 'style' : reference.shows === 'face' ? 'id' : 'ip',
      ...drawReference(reference, plan, referenceSizePx),
      ...(reference.shows === 'style'
        ? {}
        : {
            placeholder: `[ref#${reference.slot}]`,
            targetMask: drawn.masks.get(`${reference.shows}-${reference.actor}`)!,
          }),
    })),
    caption: pointed ? placeholderCaption : plainCaption,
    plainCaption,
    placeholderCaption,
    describedCaption: describe(plan),
    scene: plan.scene,
  }
}

/** The scene of a sample, planned and not drawn. Throws WorldError on a bad request. */
export const sceneOf = (request: SampleRequest): Scene => planOf(request).plan.scene

function planOf(request: SampleRequest): { plan: SamplePlan; rng: Rng } {
  checkRequest(request)
  const { seed, index, split, difficulty = difficultyOf(0), referenceSizePx = 64 } = request
  const rng = createRng(`${seed}/${split}/${index}`)
  const task = request.task ?? drawTask(request.mixture ?? taskMixture, rng.fork('task'))
  return { plan: planSample({ task, split, difficulty, boxPx: referenceSizePx }, rng.fork('plan')), rng }
}

function drawReference(reference: ReferencePlan, { scene }: SamplePlan, sizePx: number): DrawnReference {
  if (reference.shows === 'style') return drawStyleReference(reference.scene, sizePx)
  const actor = scene.actors[reference.actor]!
  if (reference.shows === 'thing') return drawThingReference((actor as ThingActor).design, sizePx)
  const { face, outfit, garment } = (actor as PersonActor).person
  if (reference.shows === 'garment') return drawGarmentReference(garment, sizePx)
  return drawFaceReference(face, outfit.glasses, sizePx)
}

function drawTask(mixture: TaskMixture, rng: Rng): Task {
  let left = rng.next() * tasks.reduce((sum, task) => sum + mixture[task], 0)
  const possible = tasks.filter((task) => mixture[task] > 0)
  for (const task of possible) {
    left -= mixture[task]
    if (left < 0) return task
  }
  return possible.at(-1)! // only rounding leads here
}
