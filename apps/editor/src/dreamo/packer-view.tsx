/** The packer: the picture and its references on the plane of positions, and how much of the whole each is. */

import type { Tab } from '../app/tab.js'
import type { Workspace } from '../app/workspace.js'
import type { Graph } from '../document/graph.js'
import { NeedView } from './need-view.js'
import { type Packing, packingOf } from './packing.js'
import { slotColor } from './references.js'

const size = 288
const pictureColor = '#8a93a3'

interface PackerViewProps {
  readonly workspace: Workspace
  readonly tab: Tab
  readonly graph: Graph
}

export function PackerView({ workspace, tab, graph }: PackerViewProps) {
  const packing = packingOf(graph, workspace.catalogue)
  if (!packing) return <p className="dim">The sampler has no noise yet, so there is no size to pack.</p>
  const last = packing.blocks.at(-1)!
  const extent = Math.max(last.offset[0] + last.rows, last.offset[1] + last.columns)
  const scale = (size - 2) / extent
  return (
    <>
      <svg className="packer" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={summary(packing)}>
        <rect x={0.5} y={0.5} width={size - 1} height={size - 1} className="packer-plane" />
        {packing.blocks.map(({ slot, rows, columns, offset: [row, column], isGuess }) => {
          const [x, y, w, h] = [column * scale + 1, row * scale + 1, columns * scale, rows * scale]
          const color = slot === 0 ? pictureColor : slotColor(slot)
          return (
            <g key={slot}>
              <rect
                x={x}
                y={y}
                width={w}
                height={h}
                rx={2}
                fill={color}
                fillOpacity={0.28}
                stroke={color}
                strokeDasharray={isGuess ? '4 3' : undefined}
              />
              {w > 34 && (
                <text x={x + w / 2} y={y + h / 2} className="packer-label">
                  {slot === 0 ? 'picture' : `ref ${slot}`}
                </text>
              )}
            </g>
          )
        })}
      </svg>
      <Shares packing={packing} />
      <table className="tokens">
        <thead>
          <tr>
            <th>Tokens</th>
            <th>rows × columns</th>
            <th>from row, column</th>
          </tr>
        </thead>
        <tbody>
          {packing.textTokens !== undefined && (
            <tr>
              <td>{packing.textTokens} text</td>
              <td className="dim">–</td>
              <td className="dim">0, 0</td>
            </tr>
          )}
          {packing.blocks.map(({ slot, rows, columns, offset, tokens, isGuess }) => (
            <tr key={slot}>
              <td>
                {isGuess && '≈ '}
                {tokens} {slot === 0 ? 'picture' : `ref ${slot}`}
              </td>
              <td>
                {rows} × {columns}
              </td>
              <td>{offset.join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="dim">
        {packing.total.toLocaleString('en')} tokens in all
        {packing.textTokens === undefined && ', and those of the text'}. Time grows with their square in attention, and
        with their number elsewhere.
      </p>
      <NeedView workspace={workspace} tab={tab} graph={graph} packing={packing} />
    </>
  )
}

function Shares({ packing }: { readonly packing: Packing }) {
  return (
    <div className="shares" aria-hidden="true">
      {packing.textTokens !== undefined && <span style={{ flexGrow: packing.textTokens, background: 'var(--warn)' }} />}
      {packing.blocks.map(({ slot, tokens }) => (
        <span key={slot} style={{ flexGrow: tokens, background: slot === 0 ? pictureColor : slotColor(slot) }} />
      ))}
    </div>
  )
}

const summary = ({ blocks }: Packing): string =>
  blocks
    .map(
      ({ slot, rows, columns, offset }) =>
        `${slot === 0 ? 'picture' : `reference ${slot}`}: ${rows} by ${columns} tokens from ${offset.join(', ')}`,
    )
    .join('; ')
