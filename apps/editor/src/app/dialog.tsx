/** A window over the page. It keeps the focus while it is open and gives it back. */
import { type ReactNode, useLayoutEffect, useRef } from 'react'
import { Icon } from './icons.js'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  readonly wide?: boolean
  /** Without title bar, as for the palette. */
  readonly bare?: boolean
}

export function Dialog({ title, onClose, children, wide, bare }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null)
  // In the layout phase, as a dialog that has left the page gives no focus back.
  useLayoutEffect(() => {
    const dialog = element.current!
    dialog.showModal()
    return () => dialog.close()
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={element}
      className={`dialog${wide ? ' wide' : ''}${bare ? ' bare' : ''}`}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => event.target === element.current && onClose()}
    >
      {!bare && (
        <header>
          <h2>{title}</h2>
          <button type="button" aria-label="Close" className="icon-button" onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
      )}
      {children}
    </dialog>
  )
}
