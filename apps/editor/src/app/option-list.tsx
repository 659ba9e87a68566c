/** A field to type in with a list under it: arrows choose, Enter takes. Search, wire menu and palette are made of it. */
import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'

export interface Option {
  readonly id: string
  readonly label: string
  readonly detail?: string
  readonly hint?: string
  readonly color?: string
  readonly icon?: ReactNode
  /** A heading over the first option of each group. */
  readonly group?: string
  readonly take: () => void
}

export interface OptionListProps {
  readonly label: string
  readonly placeholder: string
  readonly find: (query: string) => readonly Option[]
  readonly onClose: () => void
  readonly empty?: string
}

const mostShown = 80

export function OptionList({ label, placeholder, find, onClose, empty = 'Nothing found' }: OptionListProps) {
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const field = useRef<HTMLInputElement>(null)
  const id = useId()
  const options = find(query).slice(0, mostShown)
  const current = options[Math.min(at, options.length - 1)]
  useLayoutEffect(() => {
    // At once, for whoever types on; and after the press that opened it is over, as the press takes the focus away again.
    field.current?.focus()
    const frame = requestAnimationFrame(() => field.current?.focus())
    return () => cancelAnimationFrame(frame)
  }, [])
  useEffect(() => {
    if (current) document.getElementById(`${id}-${current.id}`)?.scrollIntoView({ block: 'nearest' })
  }, [current, id])
  const take = (option: Option | undefined): void => {
    if (!option) return
    onClose()
    option.take()
  }
  return (
    <div className="option-list">
      <input
        ref={field}
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={current && `${id}-${current.id}`}
        aria-label={label}
        placeholder={placeholder}
        value={query}
        spellCheck={false}
        onChange={(event) => {
          setQuery(event.target.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          event.stopPropagation()
          const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key]
          if (by !== undefined) {
            event.preventDefault()
            setAt(Math.max(0, Math.min(options.length - 1, at + by)))
          } else if (event.key === 'Enter') {
            event.preventDefault()
            take(current)
          } else if (event.key === 'Escape' || event.key === 'Tab') {
            event.preventDefault()
            onClose()
          }
        }}
      />
      <div ref={list} id={`${id}-list`} role="listbox" aria-label={label} className="options">
        {options.length === 0 && <p className="options-empty">{empty}</p>}
        {options.map((option, index) => (
          <div key={option.id}>
            {option.group !== undefined && option.group !== options[index - 1]?.group && (
              <div className="options-group" role="presentation">
                {option.group}
              </div>
            )}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keyboard */}
            <div
              id={`${id}-${option.id}`}
              role="option"
              tabIndex={-1}
              aria-selected={option === current}
              className="option"
              onClick={() => take(option)}
              onPointerMove={() => setAt(index)}
            >
              {option.color && <span className="option-dot" style={{ background: option.color }} />}
              {option.icon}
              <span className="option-label">{option.label}</span>
              {option.detail && <span className="option-detail">{option.detail}</span>}
              {option.hint && <kbd>{option.hint}</kbd>}
            </div>
          </div>
        ))}
      </div>
    </div>
  )
}
