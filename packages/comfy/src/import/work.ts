/** What all translators share while one flow is imported. */
import type { Draft } from './draft.js'
import type { NodeView } from './node-view.js'
import type { Report } from './report.js'
import type { BaseModel, Origin, Outputs, Socket } from './values.js'

/** Says what a node of one class gives, and adds the nodes of ours that do its work. */
export type Translate = (node: NodeView, work: Work) => Outputs

/** A picture that a flow of ComfyUI saves or shows. */
export interface ComfyPicture {
  /** Id of the SaveImage or PreviewImage. */
  readonly comfyNode: string
  readonly kind: 'saved' | 'shown'
  /** Our node that saves or shows it. */
  readonly node: string
  /** Our output socket that gives it. */
  readonly from: Socket
  readonly isList: boolean
}

/** Names of files as the place knows them where the flow is to run. */
export interface Places {
  readonly model?: string | ((asked: string) => string | undefined)
  readonly fileOf?: (name: string, list: 'pictures' | 'loras') => string
  /** Reference slots by the node that fills them, or that loads the picture for it. */
  readonly slots: ReadonlyMap<string, number>
}

/** What the documents of FLUX and DreamO call the model. */
const usualModel = 'FLUX.1-dev'

export class Work {
  readonly pictures: ComfyPicture[] = []
  /** Reasons why a node has nothing to do, told if nothing else is said of it. */
  readonly excuses = new Map<string, string>()
  /** The first model that the flow opens. */
  firstBase: BaseModel | undefined
  readonly #made = new Map<string, unknown>()

  constructor(
    readonly draft: Draft,
    readonly report: Report,
    readonly places: Places,
  ) {}

  /** Default of the input `model`, where a flow asks for a file. */
  modelFor(asked: string): string {
    const { model = usualModel } = this.places
    return typeof model === 'string' ? model : (model(asked) ?? usualModel)
  }

  /** Path of a picture or LoRA. */
  fileOf(name: string, list: 'pictures' | 'loras'): string {
    return name === '' ? '' : (this.places.fileOf?.(name, list) ?? name)
  }

  /** Makes a thing once for each key. */
  once<T>(key: string, make: () => T): T {
    if (!this.#made.has(key)) this.#made.set(key, make())
    return this.#made.get(key) as T
  }

  excuse(origin: Origin, why: string): void {
    this.excuses.set(origin.id, why)
  }
}

/** The outputs of a node that is left out: what it was given goes on. */
export function leftOut(node: NodeView): Outputs {
  const origin = { id: node.id, class: node.class }
  return { kind: 'unknown', origin, output: 0, given: node.given(), file: node.firstText() }
}

/** A node without any output, because something that it needs is missing. */
export const nothing: Outputs = []
