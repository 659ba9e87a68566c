/** The selected group or note: its words and its colour. */
import { useId } from 'react'
import { Swatches } from '../app/swatches.js'
import type { Tab } from '../app/tab.js'
import { findGraph } from '../document/graph.js'
import { type Frame, removeFrame, setFrame } from '../document/recipes/frames.js'
import { useSelect } from '../state/use-select.js'

interface FrameDetailsProps {
  readonly tab: Tab
  readonly kind: Frame
  readonly index: number
}

export function FrameDetails({ tab, kind, index }: FrameDetailsProps) {
  const field = useId()
  const graph = useSelect(tab.store, ({ document }) => findGraph(document, tab.graph))
  const group = kind === 'groups' ? graph?.groups?.[index] : undefined
  const note = kind === 'notes' ? graph?.notes?.[index] : undefined
  if (!group && !note) return null
  const change = (words: { title?: string; text?: string; color?: string }): void =>
    tab.apply(setFrame(tab.graph, kind, index, words))
  return (
    <>
      <div className="param-line">
        <label htmlFor={field}>{group ? 'Title' : 'Text'}</label>
        {group ? (
          <span className="field text-line">
            <input id={field} value={group.title ?? ''} onChange={(event) => change({ title: event.target.value })} />
          </span>
        ) : (
          <textarea
            id={field}
            className="field text"
            value={note?.text ?? ''}
            onChange={(event) => change({ text: event.target.value })}
          />
        )}
      </div>
      <Swatches onPick={(color) => change({ color })} />
      <button type="button" className="button" onClick={() => tab.apply(removeFrame(tab.graph, kind, index))}>
        {group ? 'Ungroup' : 'Delete'}
      </button>
    </>
  )
}
