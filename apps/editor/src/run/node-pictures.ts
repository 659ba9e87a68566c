/** Which nodes show a picture, and which one: the newest preview, what it wrote, or the file that it opens. */
import type { Tab } from '../app/tab.js'
import type { NodeCatalogue } from '../catalogue/catalogue.js'
import { findGraph } from '../document/graph.js'
import { paramValue } from '../document/param-value.js'
import type { Backend } from '../server/backend.js'
import type { Observable } from '../state/observable.js'

const pictureExtensions = new Set(['png', 'jpg', 'jpeg', 'webp', 'gif', 'avif'])

interface Surroundings {
  readonly catalogue: NodeCatalogue
  readonly backend: Backend
  /** Tells when more files can be seen. */
  readonly files: Observable<{ readonly version: number }>
}

export class NodePictures {
  readonly #tab: Tab
  readonly #catalogue: NodeCatalogue
  readonly #backend: Backend
  readonly #files: Observable<{ readonly version: number }>
  readonly #images = new Map<string, HTMLImageElement>()
  /** Called when an image that was asked for has come. */
  onLoad: () => void = () => undefined
  #urls: { readonly of: readonly unknown[]; readonly urls: ReadonlyMap<string, string> } | undefined

  constructor(tab: Tab, { catalogue, backend, files }: Surroundings) {
    this.#tab = tab
    this.#catalogue = catalogue
    this.#backend = backend
    this.#files = files
  }

  /** Address by node of the open graph. */
  urls(): ReadonlyMap<string, string> {
    const { document } = this.#tab.store
    const { previews, outputs } = this.#tab.run.state
    const of = [document, previews, outputs, this.#tab.graph, this.#files.state]
    if (this.#urls?.of.every((value, index) => value === of[index])) return this.#urls.urls
    const urls = this.#read()
    this.#urls = { of, urls }
    return urls
  }

  /** The same as images that can be painted; undefined until they are loaded. */
  images(): Map<string, HTMLImageElement | undefined> {
    return new Map([...this.urls()].map(([id, url]) => [id, this.#image(url)]))
  }

  #read(): Map<string, string> {
    const { store, run, graph: name } = this.#tab
    const urls = new Map<string, string>()
    const graph = findGraph(store.document, name)
    if (!graph) return urls
    for (const [id, node] of Object.entries(graph.nodes)) {
      for (const param of this.#catalogue.find(node.type)?.params ?? []) {
        if (param.kind !== 'file') continue
        const extensions = param.options.extensions as readonly string[] | undefined
        if (!extensions?.some((extension) => pictureExtensions.has(extension))) continue
        const file = paramValue(graph, id, param)
        const url = typeof file === 'string' ? this.#backend.fileUrl(file) : undefined
        if (url) urls.set(id, url)
      }
      const preview = run.state.previews.get(this.#tab.runId(id))
      if (preview) urls.set(id, preview)
    }
    for (const { node, name: output, digest, mediaType } of run.state.outputs) {
      if (digest === undefined || mediaType?.startsWith('image/') === false) continue
      const owner = node ?? store.document.outputs?.[output ?? '']?.from.node
      const id = owner !== undefined && this.#ownId(owner)
      if (id && Object.hasOwn(graph.nodes, id)) urls.set(id, this.#backend.artifactUrl(digest))
    }
    return urls
  }

  /** Id in the open graph of a node that a run names. */
  #ownId(id: string): string | undefined {
    const before = this.#tab.runId('')
    return id.startsWith(before) ? id.slice(before.length) : undefined
  }

  #image(url: string): HTMLImageElement | undefined {
    const known = this.#images.get(url)
    if (known) return known.complete && known.naturalWidth > 0 ? known : undefined
    const image = new Image()
    image.onload = () => this.onLoad()
    image.src = url
    this.#images.set(url, image)
    if (this.#images.size > 200) this.#images.delete(this.#images.keys().next().value!)
    return undefined
  }
}
