/** Finding nodes by a few letters: title first, then type, category and what they take and give. */
import type { NodeDescription } from '@dreamgraph/graph'
import Fuse from 'fuse.js'

export interface NodeSearch {
  /** Best first; everything, by category and title, for an empty query. */
  find(query: string): NodeDescription[]
}

export function nodeSearch(nodes: readonly NodeDescription[]): NodeSearch {
  const byName = [...nodes].sort((a, b) => a.category.localeCompare(b.category) || a.title.localeCompare(b.title))
  const records = byName.map((node) => ({
    node,
    title: node.title,
    type: node.type,
    category: node.category,
    aliases: node.aliases,
    description: node.description,
    sockets: [...node.inputs, ...node.outputs].map(({ type }) => type),
  }))
  const fuse = new Fuse(records, {
    threshold: 0.35,
    ignoreLocation: true,
    keys: [
      { name: 'title', weight: 6 },
      { name: 'type', weight: 3 },
      { name: 'aliases', weight: 2 },
      { name: 'category', weight: 1 },
      { name: 'sockets', weight: 0.5 },
      { name: 'description', weight: 0.5 },
    ],
  })
  return {
    find: (query) => (query.trim() === '' ? byName : fuse.search(query.trim()).map(({ item }) => item.node)),
  }
}
