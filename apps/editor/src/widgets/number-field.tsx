/** A number: type it, step it with the arrows, or drag across it. Where both ends are known its place between them shows. */
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import type { FieldProps } from './field-props.js'

export function NumberField({ param, value, onChange, id, disabled, problem }: FieldProps) {
  const { min, max } = param.options as { min?: number; max?: number }
  const isInt = param.kind === 'int'
  const step = stepOf(param.options.step as number | undefined, isInt, min, max)
  const number = typeof value === 'number' ? value : undefined
  const [draft, setDraft] = useState<string | undefined>(undefined)
  const input = useRef<HTMLInputElement>(null)
  const drag = useRef<{ x: number; from: number; moved: boolean } | undefined>(undefined)

  const read = (text: string): number | undefined => {
    const parsed = Number(text.replace(',', '.'))
    if (text.trim() === '' || !Number.isFinite(parsed)) return undefined
    return clamp(isInt ? Math.round(parsed) : parsed, min, max)
  }
  const set = (next: number): void => {
    const digits = isInt ? 0 : Math.max(0, -Math.floor(Math.log10(step)) + 1)
    onChange(clamp(isInt ? Math.round(next) : Number(next.toFixed(digits)), min, max))
  }
  const commit = (): void => {
    const next = draft === undefined ? undefined : read(draft)
    if (next !== undefined && next !== number) onChange(next)
    setDraft(undefined)
  }
  const keyDown = (event: KeyboardEvent): void => {
    const by = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key]
    if (by !== undefined) {
      event.preventDefault()
      event.stopPropagation()
      setDraft(undefined)
      set((number ?? 0) + by * step * (event.shiftKey ? 10 : 1))
    } else if (event.key === 'Enter') {
      commit()
      input.current?.select()
    } else if (event.key === 'Escape') setDraft(undefined)
  }
  const pointerDown = (event: PointerEvent): void => {
    if (disabled || document.activeElement === input.current || event.button !== 0) return
    event.preventDefault()
    drag.current = { x: event.clientX, from: number ?? 0, moved: false }
    event.currentTarget.setPointerCapture(event.pointerId)
  }
  const pointerMove = (event: PointerEvent): void => {
    const state = drag.current
    if (!state) return
    const dx = event.clientX - state.x
    if (!state.moved && Math.abs(dx) < 4) return
    state.moved = true
    const width = event.currentTarget.getBoundingClientRect().width
    const isBounded = min !== undefined && max !== undefined && max - min <= 64 * step * 16
    const scale = isBounded && !event.shiftKey ? (max - min) / width : step / (event.shiftKey ? 20 : 4)
    set(state.from + dx * scale)
  }
  const pointerUp = (): void => {
    if (drag.current && !drag.current.moved) {
      input.current?.focus()
      input.current?.select()
    }
    drag.current = undefined
  }

  const isBounded = min !== undefined && max !== undefined && max - min < 10_000
  const fill = isBounded && number !== undefined && max > min ? (number - min) / (max - min) : 0
  return (
    <div
      className="field number"
      data-control
      style={{ '--fill': fill } as React.CSSProperties}
      onPointerDown={pointerDown}
      onPointerMove={pointerMove}
      onPointerUp={pointerUp}
    >
      <input
        ref={input}
        id={id}
        role="spinbutton"
        inputMode={isInt ? 'numeric' : 'decimal'}
        aria-label={param.title}
        aria-valuenow={number ?? 0}
        aria-invalid={problem !== undefined}
        aria-describedby={problem}
        aria-valuemin={min}
        aria-valuemax={max}
        disabled={disabled}
        value={draft ?? (number === undefined ? '' : String(number))}
        placeholder={number === undefined ? 'required' : undefined}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={commit}
        onKeyDown={keyDown}
      />
    </div>
  )
}

function stepOf(given: number | undefined, isInt: boolean, min?: number, max?: number): number {
  if (given !== undefined && given > 0) return given
  if (isInt) return 1
  const range = min !== undefined && max !== undefined ? max - min : 10
  return range <= 1 ? 0.01 : range <= 20 ? 0.1 : 1
}

const clamp = (value: number, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): number =>
  Math.min(max, Math.max(min, value))
