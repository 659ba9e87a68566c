/** Which reference slot a node fills, to call its picture and its nodes by it. */
import { type ComfyPrompt, sourceOf } from '../prompt.js'

/** Slot by node id: of DreamORefEncode, and of everything a reference's picture comes from. */
export function referenceSlots(prompt: ComfyPrompt): Map<string, number> {
  const slots = new Map<string, number>()
  for (const node of Object.values(prompt)) {
    const names = slotInputs[node.class_type] ?? []
    names.forEach((name, index) => {
      const source = Object.hasOwn(node.inputs, name) ? sourceOf(node.inputs[name]) : undefined
      if (source) mark(prompt, source.node, { slot: index + 1, slots })
    })
  }
  return slots
}

const slotInputs: Readonly<Record<string, readonly string[] | undefined>> = Object.assign(Object.create(null), {
  ApplyDreamO: ['ref1', 'ref2', 'ref3'],
  DreamOGenerate: ['ref_image1', 'ref_image2'],
})

/** Inputs that a picture comes in by. */
const pictureInputs = ['pixels', 'image', 'images', 'image1', 'image2']

function mark(prompt: ComfyPrompt, start: string, { slot, slots }: { slot: number; slots: Map<string, number> }): void {
  const waiting = [start]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (slots.has(id) || !Object.hasOwn(prompt, id)) continue
    slots.set(id, slot)
    const { inputs } = prompt[id]!
    for (const name of pictureInputs) {
      const source = Object.hasOwn(inputs, name) ? sourceOf(inputs[name]) : undefined
      if (source) waiting.push(source.node)
    }
  }
}
