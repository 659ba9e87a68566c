/** What a mounted node is given: each is a React root of its own, so no context of React reaches it. */
import type { Problem } from '@dreamgraph/graph'
import type { Tab } from '../app/tab.js'
import type { NodeCatalogue } from '../catalogue/catalogue.js'
import type { FieldProps } from '../widgets/field-props.js'
import type { GraphCanvas } from './graph-canvas.js'

/** What fields need of the world around the document. */
export interface ParamTools {
  readonly upload?: (file: File) => Promise<string>
  readonly suggestions: (type: string, param: string) => readonly string[] | undefined
  readonly promptField?: (node: string) => FieldProps['promptField']
}

export interface NodeContext {
  readonly canvas: GraphCanvas
  readonly tab: Tab
  readonly catalogue: NodeCatalogue
  readonly tools: ParamTools
  /** Address of the picture that a node shows. */
  pictureUrl(id: string): string | undefined
  /** Errors and warnings of a node, newest known. */
  problems: { subscribe(listener: () => void): () => void; of(id: string): readonly Problem[] }
}
