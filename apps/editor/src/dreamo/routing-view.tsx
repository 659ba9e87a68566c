/** Where each reference looks, over the picture as it is being made: by step, by layers, and how much of it leaks. */
import { useEffect, useRef, useState } from 'react'
import type { Tab } from '../app/tab.js'
import type { RoutingMap } from '../run/run-state.js'
import { useSelect } from '../state/use-select.js'
import { slotColor } from './references.js'
import { described, groupNames, groupsOf, leakage, mapsAt, paintRouting, percent, stepsOf } from './routing-maps.js'

const side = 288

export function RoutingView({ tab, pictureUrl }: { readonly tab: Tab; readonly pictureUrl?: string }) {
  const all = useSelect(tab.run, ({ routing }) => routing)
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set())
  const [strength, setStrength] = useState(70)
  const [chosenStep, setStep] = useState<number | undefined>(undefined)
  const [group, setGroup] = useState<string | undefined>(undefined)
  const canvas = useRef<HTMLCanvasElement>(null)
  const picture = useImage(pictureUrl)
  const steps = stepsOf(all)
  // The newest step is followed until one is chosen, and again when that is gone, as in the next run.
  const step = chosenStep !== undefined && steps.includes(chosenStep) ? chosenStep : steps.at(-1)
  const maps = mapsAt(all, step, group)
  const shown = maps.filter(({ reference }) => !hidden.has(reference))
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (context) paintRouting(context, shown, { picture, strength: strength / 100 })
  })
  if (all.length === 0) return <p className="dim">Run the workflow: the maps come with each step of the sampler.</p>
  const toggle = (reference: number): void => {
    const next = new Set(hidden)
    if (!next.delete(reference)) next.add(reference)
    setHidden(next)
  }
  return (
    <>
      <canvas
        ref={canvas}
        className="routing"
        width={side * 2}
        height={side * 2}
        role="img"
        aria-label={described(maps)}
      />
      <div className="routing-controls">
        <label>
          Step
          <input
            type="range"
            min={0}
            max={Math.max(0, steps.length - 1)}
            value={step === undefined ? 0 : steps.indexOf(step)}
            aria-valuetext={`step ${step}`}
            onChange={(event) => {
              const at = Number(event.target.value)
              setStep(at === steps.length - 1 ? undefined : steps[at])
            }}
          />
          <output>{step ?? ''}</output>
        </label>
        <label>
          Strength
          <input
            type="range"
            min={0}
            max={100}
            value={strength}
            onChange={(event) => setStrength(Number(event.target.value))}
          />
          <output>{strength} %</output>
        </label>
        <label>
          Layers
          <select className="field" value={group ?? ''} onChange={(event) => setGroup(event.target.value || undefined)}>
            <option value="">mean of all</option>
            {groupsOf(all).map((name) => (
              <option key={name} value={name}>
                {groupNames[name] ?? name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <LeakageTable all={all} step={step} hidden={hidden} onToggle={toggle} />
    </>
  )
}

interface LeakageTableProps {
  readonly all: readonly RoutingMap[]
  readonly step: number | undefined
  readonly hidden: ReadonlySet<number>
  readonly onToggle: (reference: number) => void
}

/** A line for each reference: how much of its response lies where another one responds, by layers. */
function LeakageTable({ all, step, hidden, onToggle }: LeakageTableProps) {
  const groups = [undefined, ...groupsOf(all)]
  const references = [...new Set(all.map(({ reference }) => reference))].sort((a, b) => a - b)
  return (
    <table className="tokens leakage">
      <caption>Leakage after step {step}: share of a response where another reference responds as well</caption>
      <thead>
        <tr>
          <th scope="col">Reference</th>
          {groups.map((group) => (
            <th scope="col" key={group ?? 'all'}>
              {group ?? 'all'}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {references.map((reference) => (
          <tr key={reference}>
            <th scope="row">
              <label>
                <input type="checkbox" checked={!hidden.has(reference)} onChange={() => onToggle(reference)} />
                <span className="option-dot" style={{ background: slotColor(reference) }} />
                [ref#{reference}]
              </label>
            </th>
            {groups.map((group) => {
              const maps = mapsAt(all, step, group)
              const map = maps.find((known) => known.reference === reference)
              return <td key={group ?? 'all'}>{map ? percent(leakage(map, maps)) : '–'}</td>
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The loaded image; the one before stays until the next has come. */
function useImage(url: string | undefined): HTMLImageElement | undefined {
  const [image, setImage] = useState<HTMLImageElement | undefined>(undefined)
  useEffect(() => {
    if (url === undefined) return
    const next = new Image()
    next.onload = () => setImage(next)
    next.src = url
    return () => {
      next.onload = null
    }
  }, [url])
  return image
}
