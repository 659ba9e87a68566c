/** Any JSON value, typed as text; what is not JSON yet is kept here until it is. */
import { sameJson } from '@dreamgraph/graph'
import { useState } from 'react'
import type { FieldProps } from './field-props.js'

export function JsonField({ param, value, onChange, id, disabled, problem }: FieldProps) {
  const [draft, setDraft] = useState<string | undefined>(undefined)
  const [isBroken, setBroken] = useState(false)
  const change = (text: string): void => {
    setDraft(text)
    try {
      const next = JSON.parse(text)
      setBroken(false)
      if (!sameJson(next, value)) onChange(next)
    } catch {
      setBroken(true)
    }
  }
  return (
    <textarea
      id={id}
      className="field text code scrolls"
      aria-label={param.title}
      aria-invalid={isBroken || problem !== undefined}
      aria-describedby={problem}
      title={isBroken ? 'This is not JSON yet' : undefined}
      disabled={disabled}
      spellCheck={false}
      value={draft ?? (value === undefined ? '' : JSON.stringify(value, null, 1))}
      onChange={(event) => change(event.target.value)}
      onBlur={() => {
        if (!isBroken) setDraft(undefined)
      }}
    />
  )
}
