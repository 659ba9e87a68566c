/** The name, title and description of a declared input: what those who run the workflow are told. */
import type { DeclaredInput } from '@dreamgraph/graph'
import { useId, useState } from 'react'
import type { Tab } from '../app/tab.js'
import { renameInput, setInterfaceWords } from '../document/recipes/interface.js'

interface InputWordsProps {
  readonly tab: Tab
  readonly name: string
  readonly input: DeclaredInput
}

export function InputWords({ tab, name, input }: InputWordsProps) {
  const id = useId()
  const [draft, setDraft] = useState(name)
  const set = (words: { title?: string; description?: string }): void =>
    tab.apply(setInterfaceWords(tab.graph, { list: 'inputs', name }, words))
  const inputs = tab.store.document.inputs ?? {}
  const isTaken = draft !== name && Object.hasOwn(inputs, draft)
  const rename = (): void => {
    const to = draft.trim()
    if (to === '' || isTaken) setDraft(name)
    else tab.apply(renameInput(name, to))
  }
  return (
    <div className="input-words">
      {/* The uses of a component name its inputs: they keep their names. */}
      {tab.graph === null && (
        <label htmlFor={`${id}-name`}>
          Name
          <input
            id={`${id}-name`}
            className="field"
            value={draft}
            aria-invalid={isTaken}
            title={isTaken ? 'Another input has this name' : undefined}
            onChange={(event) => setDraft(event.target.value)}
            onBlur={rename}
            onKeyDown={(event) => event.key === 'Enter' && rename()}
          />
        </label>
      )}
      <label htmlFor={`${id}-title`}>
        Title
        <input
          id={`${id}-title`}
          className="field"
          value={input.title ?? ''}
          placeholder={name}
          onChange={(event) => set({ title: event.target.value })}
        />
      </label>
      <label htmlFor={`${id}-description`}>
        Description
        <textarea
          id={`${id}-description`}
          className="field text"
          value={input.description ?? ''}
          onChange={(event) => set({ description: event.target.value })}
        />
      </label>
    </div>
  )
}
