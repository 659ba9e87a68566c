/** Says that the server does not answer, for as long as it does not, and what that means for one's work. */
import { useEffect, useState } from 'react'
import { useSelect } from '../state/use-select.js'
import type { Workspace } from './workspace.js'

export function ConnectionBanner({ workspace }: { readonly workspace: Workspace }) {
  const reachability = useSelect(workspace.server, (server) => server.reachability)
  // The live region stands there from the start: one that comes with its text is not read out by all screen readers.
  return (
    <div className="banner-place" role="status">
      {reachability.isAway && (
        <div className="banner">
          <strong>The server does not answer.</strong> Edits are kept in this browser; a run goes on where it was once
          the server is back.
          <Countdown key={`${reachability.retryInMs}`} ms={reachability.retryInMs} />
          <button type="button" className="button" onClick={() => workspace.backend.reconnect?.()}>
            Try now
          </button>
        </div>
      )}
    </div>
  )
}

/** Seconds until the next try, not read out each second. */
function Countdown({ ms }: { readonly ms: number | undefined }) {
  const [left, setLeft] = useState(Math.ceil((ms ?? 0) / 1000))
  useEffect(() => {
    const timer = setInterval(() => setLeft((before) => Math.max(0, before - 1)), 1000)
    return () => clearInterval(timer)
  }, [])
  return (
    <span className="dim" aria-hidden="true">
      {left > 1 ? `next try in ${left} s` : 'trying'}
    </span>
  )
}
