/** The nodes that outputs need, each after what feeds it. */
import { fail, pointer } from '../errors.js'
import { type ComfyPrompt, sourceOf } from '../prompt.js'

/** Nodes in a row; a chain of a hundred LoRAs is long already. */
const longestChain = 1000

/** Ids in order. Throws comfy/cycle with the nodes on it, comfy/too-large. Without recursion: files may be hostile. */
export function neededInOrder(prompt: ComfyPrompt, outputs: readonly string[]): string[] {
  const sources = (id: string): string[] =>
    Object.values(prompt[id]!.inputs).flatMap((value) => {
      const source = sourceOf(value)
      return source && Object.hasOwn(prompt, source.node) ? [source.node] : []
    })
  const depths = new Map<string, number>()
  const order: string[] = []
  for (const output of outputs) {
    const path = depths.has(output) ? [] : [{ id: output, next: 0, sources: sources(output) }]
    const onPath = new Set([output])
    while (path.length > 0) {
      const last = path.at(-1)!
      const source = last.sources[last.next++]
      if (source === undefined) {
        const depth = 1 + Math.max(0, ...last.sources.map((id) => depths.get(id)!))
        if (depth > longestChain)
          fail('comfy/too-large', pointer(last.id), `a chain of at most ${longestChain} nodes`, depth)
        depths.set(last.id, depth)
        order.push(last.id)
        onPath.delete(last.id)
        path.pop()
      } else if (onPath.has(source)) {
        const cycle = path.slice(path.findIndex(({ id }) => id === source)).map(({ id }) => id)
        fail('comfy/cycle', pointer(source), 'links without a cycle', [...cycle, source].join(' → '))
      } else if (!depths.has(source)) {
        path.push({ id: source, next: 0, sources: sources(source) })
        onPath.add(source)
      }
    }
  }
  return order
}
