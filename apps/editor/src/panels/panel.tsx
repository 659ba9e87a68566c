/** The frame of every side panel: a heading, what can be done with all of it, and the rest, which scrolls. */
import type { KeyboardEvent, ReactNode } from 'react'
import { Icon } from '../app/icons.js'
import type { Workspace } from '../app/workspace.js'

interface PanelProps {
  readonly title: string
  readonly side: 'left' | 'right'
  readonly workspace: Workspace
  readonly children: ReactNode
  readonly actions?: ReactNode
  readonly className?: string
}

export function Panel({ title, side, workspace, children, actions, className }: PanelProps) {
  /** Back to the graph, from wherever in the panel one types. */
  const leave = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') workspace.canvas?.container.focus({ preventScroll: true })
  }
  return (
    <section className={`panel ${className ?? ''}`} aria-label={title} onKeyDown={leave}>
      <header className="panel-header">
        <h2>{title}</h2>
        <span className="spring" />
        {actions}
        <button
          type="button"
          className="icon-button panel-close"
          aria-label={`Close ${title}`}
          onClick={() => workspace.page.set({ [side]: undefined })}
        >
          <Icon name="close" size={14} />
        </button>
      </header>
      <div className="panel-body">{children}</div>
    </section>
  )
}
