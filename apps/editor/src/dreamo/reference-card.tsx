/** One reference: its picture, its slot, what is taken from it, and whether the prompt names it. */

import { Icon } from '../app/icons.js'
import type { Tab } from '../app/tab.js'
import type { Workspace } from '../app/workspace.js'
import { setParam } from '../document/recipes/params.js'
import { type Reference, slotColor } from './references.js'

interface ReferenceCardProps {
  readonly reference: Reference
  readonly workspace: Workspace
  readonly tab: Tab
  readonly pictureUrl?: string
  /** How often the prompt names it. */
  readonly mentions: number
  readonly onName: () => void
}

const tasks: readonly (readonly [string, string])[] = [
  ['ip', 'Subject or garment'],
  ['id', 'Face'],
  ['style', 'Style'],
]

export function ReferenceCard({ reference, workspace, tab, pictureUrl, mentions, onName }: ReferenceCardProps) {
  const { node, slot, task, resolution, picture, packer } = reference
  const go = (): void => {
    tab.select([node])
    workspace.canvas?.reveal(node)
  }
  return (
    <article className="reference" style={{ '--slot': slotColor(slot) } as React.CSSProperties}>
      <button type="button" className="reference-picture" aria-label={`Go to reference ${slot}`} onClick={go}>
        {pictureUrl ? <img src={pictureUrl} alt={`Reference ${slot}`} /> : <Icon name="gallery" size={22} />}
      </button>
      <div className="reference-text">
        <div className="reference-head">
          <strong>[ref#{slot}]</strong>
          <span className="spring" />
          {mentions === 0 && task !== 'style' ? (
            <button type="button" className="link" onClick={onName}>
              put it into the prompt
            </button>
          ) : (
            <span className="dim">{mentions > 1 ? `named ${mentions} times` : task === 'style' ? '' : 'named'}</span>
          )}
        </div>
        <select
          className="field"
          aria-label={`What is taken from reference ${slot}`}
          value={task}
          onChange={(event) =>
            tab.apply(setParam(tab.graph, { node, param: 'task', title: 'Take from it' }, event.target.value))
          }
        >
          {tasks.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
        <span className="dim">
          {picture === undefined ? 'no picture yet' : picture}
          {resolution !== undefined && `, ${resolution} px`}
        </span>
        {packer === undefined && <span className="bad-text">not linked to Pack conditions</span>}
      </div>
    </article>
  )
}
