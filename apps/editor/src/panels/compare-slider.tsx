/** Two pictures in one place; the line between them is dragged, or moved by the arrow keys. */
import { useState } from 'react'

export function CompareSlider({ before, after }: { readonly before: string; readonly after: string }) {
  const [at, setAt] = useState(50)
  return (
    <div className="compare" style={{ '--at': `${at}%` } as React.CSSProperties}>
      <img src={before} alt="First of the two" draggable={false} />
      <img className="compare-after" src={after} alt="Second of the two" draggable={false} />
      <span className="compare-line" aria-hidden="true" />
      <input
        type="range"
        min={0}
        max={100}
        value={at}
        aria-label="Where the first picture ends"
        onChange={(event) => setAt(Number(event.target.value))}
      />
    </div>
  )
}
