/** Where each reference looks, over the picture as it is being made. */
import { useEffect, useRef, useState } from 'react'
import type { Tab } from '../app/tab.js'
import { useSelect } from '../state/use-select.js'
import { slotColor } from './references.js'
import { leakage, paintRouting } from './routing-maps.js'

const side = 288

export function RoutingView({ tab, pictureUrl }: { readonly tab: Tab; readonly pictureUrl?: string }) {
  const maps = useSelect(tab.run, ({ routing }) => routing)
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set())
  const [strength, setStrength] = useState(70)
  const canvas = useRef<HTMLCanvasElement>(null)
  const picture = useImage(pictureUrl)
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    const shown = maps.filter(({ reference }) => !hidden.has(reference))
    if (context) paintRouting(context, shown, { picture, strength: strength / 100 })
  }, [maps, hidden, strength, picture])
  if (maps.length === 0) return <p className="dim">Run the workflow: the maps come with each step of the sampler.</p>
  const toggle = (reference: number): void => {
    const next = new Set(hidden)
    if (!next.delete(reference)) next.add(reference)
    setHidden(next)
  }
  const step = maps[0]?.step
  return (
    <>
      <canvas
        ref={canvas}
        className="routing"
        width={side * 2}
        height={side * 2}
        role="img"
        aria-label={maps
          .map((map) => `reference ${map.reference}: ${Math.round(leakage(map, maps) * 100)} % shared`)
          .join('; ')}
      />
      <label className="routing-strength">
        Strength
        <input
          type="range"
          min={0}
          max={100}
          value={strength}
          onChange={(event) => setStrength(Number(event.target.value))}
        />
      </label>
      <ul className="routing-list">
        {maps.map((map) => (
          <li key={map.reference}>
            <label>
              <input type="checkbox" checked={!hidden.has(map.reference)} onChange={() => toggle(map.reference)} />
              <span className="option-dot" style={{ background: slotColor(map.reference) }} />
              [ref#{map.reference}]
            </label>
            <span className="dim" title="Share of its response that lies where another reference responds as well">
              leaks {Math.round(leakage(map, maps) * 100)} %
            </span>
          </li>
        ))}
      </ul>
      {step !== undefined && <p className="dim">After step {step}.</p>}
    </>
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
