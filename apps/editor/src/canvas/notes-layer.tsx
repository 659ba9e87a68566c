/** Notes on the canvas: typed where they lie, dragged by their bar. */
import type { PointerEvent } from 'react'
import { Icon } from '../app/icons.js'
import { noSelection, type Tab } from '../app/tab.js'
import { removeFrame, setFrame } from '../document/recipes/frames.js'
import { useSelect } from '../state/use-select.js'
import type { GraphCanvas } from './graph-canvas.js'

type Note = NonNullable<GraphCanvas['scene']['graph']['notes']>[number]

export function NotesLayer({ canvas, tab }: { readonly canvas: GraphCanvas; readonly tab: Tab }) {
  const notes = useSelect(canvas.changes, () => canvas.scene.graph.notes)
  const frame = useSelect(tab.view, (view) => view.frame)
  return notes?.map((note, index) => (
    <NoteBox
      // biome-ignore lint/suspicious/noArrayIndexKey: notes have no other name than their place in the document
      key={index}
      note={note}
      index={index}
      canvas={canvas}
      tab={tab}
      isSelected={frame?.kind === 'notes' && frame.index === index}
    />
  ))
}

interface NoteBoxProps {
  readonly note: Note
  readonly index: number
  readonly canvas: GraphCanvas
  readonly tab: Tab
  readonly isSelected: boolean
}

function NoteBox({ note, index, canvas, tab, isSelected }: NoteBoxProps) {
  const { w = 260, h = 120 } = note
  const drag = (event: PointerEvent<HTMLElement>, what: 'place' | 'size'): void => {
    if (event.button !== 0) return
    event.stopPropagation()
    tab.view.set({ ...noSelection, frame: { kind: 'notes', index } })
    const bar = event.currentTarget
    bar.setPointerCapture(event.pointerId)
    const start = canvas.toWorld({ x: event.clientX, y: event.clientY })
    tab.store.endMerge()
    bar.onpointermove = (move) => {
      const now = canvas.toWorld({ x: move.clientX, y: move.clientY })
      const [dx, dy] = [Math.round(now.x - start.x), Math.round(now.y - start.y)]
      const change =
        what === 'place' ? { x: note.x + dx, y: note.y + dy } : { w: Math.max(120, w + dx), h: Math.max(70, h + dy) }
      tab.apply(setFrame(tab.graph, 'notes', index, change))
    }
    bar.onpointerup = () => {
      bar.onpointermove = null
      tab.store.endMerge()
    }
  }
  return (
    <article
      className={`note${isSelected ? ' selected' : ''}`}
      data-note={index}
      aria-label="Note"
      style={
        {
          transform: `translate(${note.x}px, ${note.y}px)`,
          width: w,
          height: h,
          ...(note.color && { '--note': note.color }),
        } as React.CSSProperties
      }
    >
      <div className="note-bar" onPointerDown={(event) => drag(event, 'place')}>
        <Icon name="note" size={12} />
        <button
          type="button"
          aria-label="Delete note"
          onPointerDown={(event) => event.stopPropagation()}
          onClick={() => tab.apply(removeFrame(tab.graph, 'notes', index))}
        >
          <Icon name="close" size={12} />
        </button>
      </div>
      <textarea
        className="scrolls"
        aria-label="Note text"
        placeholder="Write a note"
        value={note.text}
        onChange={(event) => tab.apply(setFrame(tab.graph, 'notes', index, { text: event.target.value }))}
      />
      <span className="resize" aria-hidden="true" onPointerDown={(event) => drag(event, 'size')} />
    </article>
  )
}
