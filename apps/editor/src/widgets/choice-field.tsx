/** One of a few words, or yes and no. */
import type { FieldProps } from './field-props.js'

export function ChoiceField({ param, value, onChange, id, disabled, problem }: FieldProps) {
  const choices = (param.options.choices ?? []) as readonly string[]
  const current = typeof value === 'string' ? value : ''
  return (
    <select
      id={id}
      className="field choice"
      aria-label={param.title}
      aria-invalid={problem !== undefined}
      aria-describedby={problem}
      disabled={disabled}
      value={current}
      onChange={(event) => onChange(event.target.value)}
    >
      {/* A value from elsewhere is shown as it is, never changed by being looked at. */}
      {!choices.includes(current) && (
        <option value={current}>{current === '' ? 'choose…' : `${current} (unknown)`}</option>
      )}
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {choice}
        </option>
      ))}
    </select>
  )
}

export function BooleanField({ param, value, onChange, id, disabled, problem }: FieldProps) {
  const isOn = value === true
  return (
    <button
      type="button"
      id={id}
      role="switch"
      className="field switch"
      aria-label={param.title}
      aria-checked={isOn}
      aria-describedby={problem}
      disabled={disabled}
      onClick={() => onChange(!isOn)}
    >
      <span className="switch-thumb" />
    </button>
  )
}
