/** One reference: its picture, what the model gets of it, its slot, what is taken from it, and whether the prompt names it. */
import { useState } from 'react'
import { Icon } from '../app/icons.js'
import type { Tab } from '../app/tab.js'
import type { Workspace } from '../app/workspace.js'
import { setParam } from '../document/recipes/params.js'
import { useSelect } from '../state/use-select.js'
import { type Reference, slotColor } from './references.js'

interface ReferenceCardProps {
  readonly reference: Reference
  readonly workspace: Workspace
  readonly tab: Tab
  readonly pictureUrl?: string
  /** How often the prompt names it. */
  readonly mentions: number
  readonly onName: () => void
  /** Takes a file that was dropped or picked. */
  readonly onFile: (file: File) => void
}

const tasks: readonly (readonly [string, string])[] = [
  ['ip', 'Subject or garment'],
  ['id', 'Face'],
  ['style', 'Style'],
]

export function ReferenceCard(props: ReferenceCardProps) {
  const { reference, workspace, tab, pictureUrl, mentions, onName, onFile } = props
  const { node, slot, task, resolution, picture, packer } = reference
  const [isOver, setOver] = useState(false)
  const prepared = useSelect(tab.prepared, ({ urls }) => urls.get(node))
  const go = (): void => {
    tab.select([node])
    workspace.canvas?.reveal(node)
  }
  return (
    <article
      className={`reference${isOver ? ' over' : ''}`}
      style={{ '--slot': slotColor(slot) } as React.CSSProperties}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return
        event.preventDefault()
        event.stopPropagation()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false)
        const [file] = event.dataTransfer.files
        if (!file) return
        event.preventDefault()
        event.stopPropagation()
        onFile(file)
      }}
    >
      <div className="reference-pictures">
        <button type="button" className="reference-picture" aria-label={`Go to reference ${slot}`} onClick={go}>
          {pictureUrl ? <img src={pictureUrl} alt={`Reference ${slot}`} /> : <Icon name="gallery" size={22} />}
        </button>
        {prepared && (
          <figure className="reference-picture" title="What the model gets of it">
            <img src={prepared} alt={`Reference ${slot} as the model gets it`} />
          </figure>
        )}
      </div>
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
        <PickFile slot={slot} onFile={onFile} />
        {packer === undefined && <span className="bad-text">not linked to Pack conditions</span>}
      </div>
    </article>
  )
}

/** Dropping a picture has its twin here. */
function PickFile({ slot, onFile }: { readonly slot: number; readonly onFile: (file: File) => void }) {
  return (
    <label className="link pick-file">
      drop or choose a picture
      <input
        type="file"
        className="spoken"
        aria-label={`Picture of reference ${slot}`}
        accept="image/*"
        onChange={(event) => {
          const file = event.target.files?.[0]
          if (file) onFile(file)
          event.target.value = ''
        }}
      />
    </label>
  )
}
