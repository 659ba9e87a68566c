/** A flow of ComfyUI as a document of ours, with a report of what became of each of its nodes. */
import type { CatalogueDescription, Workflow } from '@dreamgraph/graph'
import { comfyClasses } from '../classes/index.js'
import { ComfyError, pointer } from '../errors.js'
import { type ComfyPrompt, sourceOf } from '../prompt.js'
import { readComfy } from '../read.js'
import { promptOf } from '../to-prompt.js'
import type { ComfyUiFile } from '../ui-file.js'
import { Draft } from './draft.js'
import { declareOutputs, endingTranslators, saveLast } from './endings.js'
import { imageTranslators } from './images.js'
import { placeNodes, remarksOf } from './layout.js'
import { valueTranslators } from './literals.js'
import { maskTranslators } from './masks.js'
import { anyModel, modelTranslators } from './models.js'
import { NodeView } from './node-view.js'
import { neededInOrder } from './order.js'
import { pipeTranslators } from './pipe.js'
import { referenceTranslators } from './references.js'
import { refusalOf } from './refusals.js'
import { Report, type ReportEntry } from './report.js'
import { samplingTranslators } from './sampling.js'
import { referenceSlots } from './slots.js'
import { textTranslators } from './texts.js'
import type { Outputs } from './values.js'
import { type ComfyPicture, leftOut, type Translate, Work } from './work.js'

export interface ImportOptions {
  /** Name of the document. */
  readonly name?: string
  /** Default of its input `model`, a registered name or a folder; or the one for a file that the flow asks for. */
  readonly model?: string | ((asked: string) => string | undefined)
  /** Path of a picture or LoRA by the name that a flow has it under; without it, the name. */
  readonly fileOf?: (name: string, list: 'pictures' | 'loras') => string
  /** A workflow file with places and notes, where `value` is the prompt that was made from it, as in a picture. */
  readonly layout?: unknown
}

/** Which of our nodes does the work of which of theirs, so that events of a run can be told in their ids. */
export interface ComfyNodeOf {
  /** Our node id → id of the node whose work it does. */
  readonly nodes: Readonly<Record<string, string>>
  /** What the flow saves and shows; `output` is our declared output of the same picture, if there is one. */
  readonly pictures: readonly (ComfyPicture & { readonly output?: string })[]
}

export interface ImportedWorkflow {
  readonly workflow: Workflow
  readonly report: readonly ReportEntry[]
  readonly comfyNodeOf: ComfyNodeOf
}

const translators: ReadonlyMap<string, Translate> = new Map(
  Object.entries({
    ...modelTranslators,
    ...textTranslators,
    ...samplingTranslators,
    ...imageTranslators,
    ...maskTranslators,
    ...referenceTranslators,
    ...pipeTranslators,
    ...endingTranslators,
    ...valueTranslators,
  }),
)

/**
 * Imports an API prompt or a workflow file. What the document declares: inputs model, prompt, negative, seed, steps, guidance,
 * width, height, reference1 …, image, name, each with the flow's value as default; outputs picture, picture2, ….
 * Throws ComfyError: as readComfy, comfy/cycle, and comfy/nothing-to-import with the reasons.
 */
export function importComfy(
  value: unknown,
  catalogue: CatalogueDescription,
  options: ImportOptions = {},
): ImportedWorkflow {
  const file = readComfy(value)
  const { prompt, remarks } = file.kind === 'ui' ? promptOf(file.ui) : { prompt: file.prompt, remarks: [] }
  const ui = file.kind === 'ui' ? file.ui : uiOf(options.layout)
  const report = new Report()
  for (const remark of remarks) report.add(remark)
  const draft = new Draft(catalogue, report)
  const work = new Work(draft, report, { ...options, slots: referenceSlots(prompt) })
  translate(prompt, work)
  declareOutputs(work)
  draft.prune()
  feedReferences(work)
  reportRest(prompt, work)
  const entries = report.entries([...(ui?.nodes.keys() ?? []), ...Object.keys(prompt)], draft.origins())
  if (draft.isEmpty) throw nothingImported(entries)
  const { dreamgraph, ...fields } = draft.document(placeNodes(draft, ui))
  const name = options.name !== undefined && { name: options.name }
  const description = 'Imported from ComfyUI.'
  return {
    workflow: { dreamgraph, ...name, description, ...fields, ...(ui && remarksOf(ui)) },
    report: entries,
    comfyNodeOf: { nodes: draft.origins(), pictures: work.pictures.map((picture) => withOutput(draft, picture)) },
  }
}

/** Goes through the nodes, each after what feeds it. */
function translate(prompt: ComfyPrompt, work: Work): void {
  const values = new Map<string, Outputs>()
  const viewOf = (id: string) => new NodeView(id, prompt[id]!, values, work.report)
  const ends = Object.keys(prompt).filter((id) => comfyClasses.get(prompt[id]!.class_type)?.outputNode)
  for (const id of neededInOrder(prompt, ends.length > 0 ? ends : Object.keys(prompt))) {
    const translator = translators.get(prompt[id]!.class_type) ?? leftOut
    values.set(id, translator(viewOf(id), work))
  }
  if (ends.length > 0) return
  const used = new Set(
    Object.values(prompt)
      .flatMap(({ inputs }) => Object.values(inputs).map(sourceOf))
      .map((source) => source?.node),
  )
  for (const [id, outputs] of values) if (!used.has(id)) saveLast(work, viewOf(id), outputs)
}

/** References that are only shown have met no model yet. */
function feedReferences(work: Work): void {
  const { draft } = work
  for (const id of draft.unfed('dreamo/encode-reference', 'model')) {
    draft.link({ node: anyModel(work, draft.originOf(id)), socket: 'model' }, { node: id, socket: 'model' })
  }
}

/** A line for each node that none was said of. */
function reportRest(prompt: ComfyPrompt, { report, excuses }: Work): void {
  for (const [id, { class_type }] of Object.entries(prompt)) {
    if (report.has(id)) continue
    const origin = { id, class: class_type }
    const excuse = excuses.get(id)
    if (excuse !== undefined) report.say('mapped', origin, 'nothing', excuse)
    else if (translators.has(class_type) && translators.get(class_type) !== leftOut) {
      report.say('refused', origin, 'left out', 'it leads to no picture that is saved or shown and could be imported')
    } else report.say('refused', origin, 'left out', refusalOf(class_type, 'what hangs on it is left out too'))
  }
}

function nothingImported(entries: readonly ReportEntry[]): ComfyError {
  const refused = entries.filter(({ kind }) => kind === 'refused')
  const rule = 'a flow that paints or changes a picture'
  const reasons = refused.map((entry) => {
    const message = `node ${entry.node} (${entry.class}): ${entry.what}, ${entry.why}`
    return { code: 'comfy/nothing-to-import' as const, path: pointer(entry.node), message }
  })
  const lines = reasons.slice(0, 5).map(({ message }) => `\n  ${message}`)
  const message = `ComfyUI file: expected ${rule}, got nothing that can be imported${lines.join('')}`
  return new ComfyError([{ code: 'comfy/nothing-to-import', path: '', message }, ...reasons])
}

/** Places and notes are no reason to refuse a flow. */
function uiOf(layout: unknown): ComfyUiFile | undefined {
  if (layout === undefined) return undefined
  try {
    const file = readComfy(layout)
    return file.kind === 'ui' ? file.ui : undefined
  } catch (error) {
    if (error instanceof ComfyError) return undefined
    throw error
  }
}

function withOutput(draft: Draft, picture: ComfyPicture) {
  const output = draft.outputName(picture.from)
  return { ...picture, ...(output !== undefined && { output }) }
}
