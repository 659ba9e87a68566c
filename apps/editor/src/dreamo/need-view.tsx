/** What a run will take before it runs: memory as the server counts it, time as the runs before took it. */
import type { MemoryForecast } from '@dreamgraph/protocol'
import { useEffect, useState } from 'react'
import type { Tab } from '../app/tab.js'
import type { Workspace } from '../app/workspace.js'
import type { Graph } from '../document/graph.js'
import { shortTime } from '../run/short-time.js'
import { useSelect } from '../state/use-select.js'
import { type Packing, usualTextTokens } from './packing.js'
import { modelOf, nodesOfType, nodeTypes, readParam } from './references.js'
import { foretell, readTimings } from './timings.js'

interface NeedViewProps {
  readonly workspace: Workspace
  readonly tab: Tab
  readonly graph: Graph
  readonly packing: Packing
}

const patienceMs = 400

export function NeedView({ workspace, tab, graph, packing }: NeedViewProps) {
  const { backend, catalogue } = workspace
  // A finished run has left a new timing.
  useSelect(tab.run, ({ state }) => state)
  const [sampler] = nodesOfType(graph, nodeTypes.sampler)
  const model = sampler === undefined ? undefined : modelOf(graph, catalogue, sampler)
  const picture = packing.blocks[0]!.tokens
  const references = packing.blocks.slice(1).reduce((sum, { tokens }) => sum + tokens, 0)
  const text = packing.textTokens ?? usualTextTokens
  const [memory, setMemory] = useState<MemoryForecast | string | undefined>(undefined)
  useEffect(() => {
    setMemory(undefined)
    if (model === undefined) return
    let isGone = false
    const timer = setTimeout(() => {
      backend.modelMemory(model, { text, picture, references }).then(
        (found) => !isGone && setMemory(found),
        (cause: Error) => !isGone && setMemory(cause.message),
      )
    }, patienceMs)
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [backend, model, text, picture, references])
  if (model === undefined) return <p className="dim">With a model it can be told what a run takes.</p>
  const time = foretell(readTimings(), model, packing.total)
  const steps = sampler === undefined ? undefined : readParam(graph, catalogue, sampler, 'steps')
  return (
    <dl className="need">
      <dt>Memory</dt>
      <dd>
        {memory === undefined && 'being counted…'}
        {typeof memory === 'string' && <span className="bad-text">{memory}</span>}
        {typeof memory === 'object' && (
          <>
            {bytesText(memory.residentBytes + memory.runBytes)} on a CPU: {bytesText(memory.runBytes)} for a step beside{' '}
            {bytesText(memory.residentBytes)} of {bytesText(memory.weightBytes)} weights
          </>
        )}
      </dd>
      <dt>Time</dt>
      <dd>
        {time === undefined
          ? 'known after the first run'
          : `${time.isMeasured ? '' : 'about '}${shortTime(time.secondsPerStep * 1000)} a step${
              typeof steps === 'number' ? `, ${shortTime(time.secondsPerStep * steps * 1000)} for ${steps}` : ''
            }${time.isMeasured ? ', as the run before' : ', judging by runs of other sizes'}`}
      </dd>
    </dl>
  )
}

function bytesText(bytes: number): string {
  const gib = bytes / 2 ** 30
  return gib >= 1 ? `${gib.toFixed(1)} GiB` : `${Math.max(1, Math.round(bytes / 2 ** 20))} MiB`
}
