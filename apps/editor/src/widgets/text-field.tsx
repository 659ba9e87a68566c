/** A text, of one line or of several. */
import { useId } from 'react'
import type { FieldProps } from './field-props.js'

export function TextField({ param, value, onChange, id, disabled, suggestions, problem }: FieldProps) {
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
  const list = useId()
  const { placeholder, maxLength } = param.options as { placeholder?: string; maxLength?: number }
  const shared = {
    id,
    disabled,
    placeholder: placeholder ?? (value === undefined ? 'required' : undefined),
    maxLength,
    'aria-label': param.title,
    'aria-invalid': problem !== undefined,
    'aria-describedby': problem,
    spellCheck: false,
  }
  if (param.options.multiline === true) {
    return (
      <textarea
        {...shared}
        className="field text scrolls"
        value={text}
        onChange={(event) => onChange(event.target.value)}
      />
    )
  }
  const color = /color|colour/i.test(param.name) && /^#[0-9a-f]{6}$/i.test(text)
  return (
    <span className="field text-line">
      {color && (
        <input
          type="color"
          aria-label={`${param.title}: pick`}
          value={text}
          disabled={disabled}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      <input
        {...shared}
        list={suggestions ? list : undefined}
        value={text}
        onChange={(event) => onChange(event.target.value)}
      />
      {suggestions && (
        <datalist id={list}>
          {suggestions.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      )}
    </span>
  )
}
