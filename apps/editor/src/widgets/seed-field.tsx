/** A 64-bit seed, as text: a number would lose its last digits. And what becomes of it after each run. */
import { useState } from 'react'
import { Icon } from '../app/icons.js'
import type { SeedControl } from '../document/recipes/seeds.js'
import type { FieldProps } from './field-props.js'

export type { SeedControl }

const mostSeed = 2n ** 64n - 1n

export function SeedField(props: FieldProps) {
  const { param, value, onChange, id, disabled, problem, seedControl = 'fixed', onSeedControl } = props
  const [draft, setDraft] = useState<string | undefined>(undefined)
  const seed = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  const commit = (): void => {
    if (draft !== undefined && isSeed(draft) && draft !== seed) onChange(draft)
    setDraft(undefined)
  }
  const next: Record<SeedControl, SeedControl> = { fixed: 'random', random: 'step', step: 'fixed' }
  const meaning = { fixed: 'stays', random: 'random after each run', step: 'one more after each run' }[seedControl]
  return (
    <span className="field seed" data-control>
      <input
        id={id}
        inputMode="numeric"
        aria-label={param.title}
        aria-invalid={problem !== undefined || (draft !== undefined && !isSeed(draft))}
        aria-describedby={problem}
        disabled={disabled}
        value={draft ?? seed}
        onChange={(event) => setDraft(event.target.value.trim())}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit()
          if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
          event.preventDefault()
          event.stopPropagation()
          onChange(nextSeed(seed, event.key === 'ArrowUp' ? 1n : -1n))
        }}
      />
      <button
        type="button"
        aria-label="Random seed"
        title="Random seed"
        disabled={disabled}
        onClick={() => onChange(randomSeed())}
      >
        <Icon name="dice" />
      </button>
      {onSeedControl && (
        <button
          type="button"
          aria-label={`Seed ${meaning}; change`}
          title={`Seed ${meaning}`}
          className={seedControl === 'fixed' ? 'quiet' : 'on'}
          disabled={disabled}
          onClick={() => onSeedControl(next[seedControl])}
        >
          <Icon name={seedControl === 'fixed' ? 'lock' : seedControl === 'random' ? 'shuffle' : 'step'} />
        </button>
      )}
    </span>
  )
}

const isSeed = (text: string): boolean => /^(0|[1-9]\d{0,19})$/.test(text) && BigInt(text) <= mostSeed

/** Wraps around at both ends. */
export function nextSeed(seed: string, by = 1n): string {
  const count = mostSeed + 1n
  return `${((isSeed(seed) ? BigInt(seed) : 0n) + by + count) % count}`
}

export function randomSeed(): string {
  return `${crypto.getRandomValues(new BigUint64Array(1))[0]!}`
}
