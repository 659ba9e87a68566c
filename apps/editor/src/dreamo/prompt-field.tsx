/** The prompt: [ref#n] as chips in the colour of their reference, offered while one types, and what is wrong with them. */
import { type KeyboardEvent, useRef, useState } from 'react'
import type { Tab } from '../app/tab.js'
import type { NodeCatalogue } from '../catalogue/catalogue.js'
import { findGraph } from '../document/graph.js'
import { useSelect } from '../state/use-select.js'
import type { FieldProps } from '../widgets/field-props.js'
import { TextField } from '../widgets/text-field.js'
import { findInPrompt, markPrompt, type PromptMark } from './prompt-marks.js'
import { nodeTypes, promptRole, type Reference, referencesForPrompt, slotColor } from './references.js'

export interface PromptFieldProps extends FieldProps {
  readonly tab: Tab
  readonly catalogue: NodeCatalogue
  readonly node: string
}

const noReferences: readonly Reference[] = []

export function PromptField(props: PromptFieldProps) {
  const { tab, node, catalogue } = props
  const graph = useSelect(tab.store, ({ document }) => findGraph(document, tab.graph))
  const isPrompt = graph?.nodes[node]?.type === nodeTypes.text
  if (!graph || !isPrompt) return <TextField {...props} />
  const { isNegative } = promptRole(graph, node)
  const references = isNegative ? noReferences : referencesForPrompt(graph, catalogue, node)
  return <MarkedField {...props} references={references} isNegative={isNegative} />
}

interface MarkedFieldProps extends FieldProps {
  readonly references: readonly Reference[]
  readonly isNegative: boolean
}

function MarkedField({ param, value, onChange, id, disabled, problem, references, isNegative }: MarkedFieldProps) {
  const area = useRef<HTMLTextAreaElement>(null)
  const back = useRef<HTMLDivElement>(null)
  const [offer, setOffer] = useState<{ readonly start: number; readonly at: number } | undefined>(undefined)
  const text = typeof value === 'string' ? value : ''
  const marks = markPrompt(text, references)
  const findings = findInPrompt(text, references, isNegative)
  const slots = [...new Set(references.map(({ slot }) => slot))]

  const replace = (start: number, end: number, by: string): void => {
    onChange(text.slice(0, start) + by + text.slice(end))
    requestAnimationFrame(() => {
      area.current?.focus()
      area.current?.setSelectionRange(start + by.length, start + by.length)
    })
  }
  const take = (slot: number): void => {
    if (offer) replace(offer.start, area.current?.selectionStart ?? offer.start, `[ref#${slot}]`)
    setOffer(undefined)
  }
  const lookForOffer = (): void => {
    const caret = area.current?.selectionStart ?? 0
    const open = /\[(?:r|re|ref|ref#)?$/i.exec(text.slice(0, caret))
    setOffer(open && slots.length > 0 ? { start: open.index, at: 0 } : undefined)
  }
  const keyDown = (event: KeyboardEvent): void => {
    if (!offer) return
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (by !== undefined) setOffer({ ...offer, at: (offer.at + by + slots.length) % slots.length })
    else if (event.key === 'Enter' || event.key === 'Tab') take(slots[offer.at]!)
    else if (event.key === 'Escape') setOffer(undefined)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div className="prompt">
      <div className="field prompt-box">
        <div ref={back} className="prompt-marks" aria-hidden="true">
          {withMarks(text, marks)}
        </div>
        <textarea
          ref={area}
          id={id}
          className="scrolls"
          aria-label={param.title}
          aria-invalid={problem !== undefined}
          aria-describedby={problem}
          disabled={disabled}
          placeholder={isNegative ? 'what not to show' : (param.options.placeholder as string | undefined)}
          spellCheck={false}
          value={text}
          onChange={(event) => onChange(event.target.value)}
          onKeyUp={lookForOffer}
          onClick={lookForOffer}
          onKeyDown={keyDown}
          onBlur={() => setOffer(undefined)}
          onScroll={(event) => {
            if (back.current) back.current.scrollTop = event.currentTarget.scrollTop
          }}
        />
      </div>
      {offer && (
        <div className="prompt-offer" role="listbox" aria-label="References">
          {slots.map((slot, index) => (
            <div
              key={slot}
              role="option"
              tabIndex={-1}
              aria-selected={index === offer.at}
              className="option"
              onPointerDown={(event) => {
                event.preventDefault()
                take(slot)
              }}
            >
              <span className="option-dot" style={{ background: slotColor(slot) }} />
              [ref#{slot}]
              <span className="option-detail">{references.find((reference) => reference.slot === slot)?.picture}</span>
            </div>
          ))}
        </div>
      )}
      {findings.length > 0 && (
        <ul className="prompt-findings">
          {findings.map(({ tone, message, fix }) => (
            <li key={message} className={tone}>
              {message}
              {fix && (
                <button type="button" className="link" onClick={() => replace(fix.start, fix.end, fix.text)}>
                  Fix
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function withMarks(text: string, marks: readonly PromptMark[]) {
  const parts: React.ReactNode[] = []
  let at = 0
  for (const { start, end, kind, slot } of marks) {
    parts.push(text.slice(at, start))
    const color = { '--slot': slotColor(slot ?? 1) } as React.CSSProperties
    parts.push(
      <mark key={start} className={kind} style={color}>
        {text.slice(start, end)}
      </mark>,
    )
    at = end
  }
  // A last line break has no height without something behind it.
  parts.push(`${text.slice(at)}\u200b`)
  return parts
}
