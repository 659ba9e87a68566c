/**
 * What the model really gets of each reference: the nodes up to the encoders are run, and what they prepared is shown by
 * preview nodes that this run alone has. Encoders that ran before come from the cache, and the next run finds what ran here.
 */
import { printWorkflow, type Workflow } from '@dreamgraph/graph'
import { produce } from 'immer'
import type { Tab } from '../app/tab.js'
import type { Workspace } from '../app/workspace.js'
import { freeName } from '../document/graph.js'
import { addLink } from '../document/recipes/links.js'

const previewType = 'image/preview'

/** Resolves when the run has ended; pictures come to `tab.prepared` as they are made. */
export async function prepareReferences(workspace: Workspace, tab: Tab, references: readonly string[]): Promise<void> {
  const { workflow, previewOf } = withPreviews(tab.store.document, references)
  await workspace.attempt(async () => {
    const title = `${tab.place.state.title}: references`
    const text = printWorkflow(workflow)
    const job = await workspace.backend.submit({ text, inputs: {}, title, targets: [...previewOf.keys()] })
    await workspace.readJobs()
    await new Promise<void>((resolve, reject) => {
      const stop = workspace.backend.follow(job.id, {
        onLost: reject,
        onEvent(event) {
          if (event.type === 'failed') workspace.show(event.error.message, 'bad')
          if (event.type !== 'failed' && event.type !== 'finished' && event.type !== 'cancelled') return
          // The last preview may be a moment behind the event that ends the job.
          setTimeout(() => {
            stop()
            resolve()
          }, 500)
        },
        onPreview({ header, bytes }) {
          const reference = previewOf.get(header.node)
          if (reference === undefined || header.kind !== 'picture') return
          const known = tab.prepared.state.urls.get(reference)
          if (known !== undefined) URL.revokeObjectURL(known)
          const url = URL.createObjectURL(new Blob([bytes.slice()], { type: header.mediaType }))
          tab.prepared.set({ urls: new Map(tab.prepared.state.urls).set(reference, url) })
        },
      })
    })
  })
}

/** The workflow with a preview node behind each encoder, and which encoder each of them shows. */
export function withPreviews(
  workflow: Workflow,
  references: readonly string[],
): { readonly workflow: Workflow; readonly previewOf: ReadonlyMap<string, string> } {
  const previewOf = new Map<string, string>()
  const extended = produce(workflow, (draft) => {
    for (const node of references) {
      const id = freeName(`look-${node}`, (name) => Object.hasOwn(draft.nodes, name))
      draft.nodes[id] = { type: previewType }
      addLink(draft, { from: { node, socket: 'prepared' }, to: { node: id, socket: 'image' }, many: false })
      previewOf.set(id, node)
    }
  })
  return { workflow: extended, previewOf }
}
