/** A run with other values of the declared inputs than the workflow's own, which stay as they are. */
import { check, type JsonValue } from '@dreamgraph/graph'
import { useId, useState } from 'react'
import { placeOf, withoutPlace } from '../document/problem-place.js'
import { FilePicture } from '../panels/file-picture.js'
import { paramOf } from '../panels/workflow-details.js'
import { runTab } from '../run/running.js'
import { Field } from '../widgets/field.js'
import { Dialog } from './dialog.js'
import type { Workspace } from './workspace.js'

type Values = Readonly<Record<string, JsonValue>>

export function RunFormDialog({ workspace, onClose }: { readonly workspace: Workspace; readonly onClose: () => void }) {
  const { tab, checkable } = workspace
  const { document } = tab.store
  const [values, setValues] = useState<Values>({})
  const id = useId()
  const result = check(document, checkable, { inputs: values })
  const errors = result.ok ? [] : result.errors
  const run = (): void => {
    onClose()
    void runTab(workspace, tab, { inputs: values })
  }
  const set = (name: string, value: JsonValue | undefined): void => {
    const { [name]: _, ...others } = values
    setValues(value === undefined ? others : { ...others, [name]: value })
  }
  return (
    <Dialog title="Run with other values" onClose={onClose}>
      <form
        className="run-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (errors.length === 0) run()
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
          event.preventDefault() // the keys that run the workflow elsewhere run it with these values
          event.currentTarget.requestSubmit()
        }}
      >
        {Object.entries(document.inputs ?? {}).map(([name, input]) => {
          const param = paramOf(workspace, tab, name, input)
          const value = values[name] ?? input.default
          const wrong = errors.find(({ path }) => placeOf(path).input === name)
          if (!param) return null
          return (
            <div className="param-line" key={name}>
              <div className="param-head">
                <label htmlFor={`${id}-${name}`}>{input.title ?? name}</label>
                <span className="spring" />
                {name in values && (
                  <button type="button" className="link" onClick={() => set(name, undefined)}>
                    as in the workflow
                  </button>
                )}
              </div>
              <Field
                id={`${id}-${name}`}
                param={param}
                value={value}
                onChange={(next) => set(name, next)}
                problem={wrong && `${id}-${name}-problem`}
                upload={(file) => workspace.upload(file)}
                suggestions={
                  input.to[0]?.param === 'model' ? workspace.server.state.models.map((model) => model.name) : undefined
                }
              />
              <FilePicture workspace={workspace} param={param} value={value} />
              {wrong && (
                <p className="bad-text" id={`${id}-${name}-problem`}>
                  {withoutPlace(wrong.message)}
                </p>
              )}
              {input.description && <p className="dim">{input.description}</p>}
            </div>
          )
        })}
        <div className="dialog-actions">
          {errors.length > 0 && <span className="bad-text">{withoutPlace(errors[0]!.message)}</span>}
          <button type="submit" className="button primary" disabled={errors.length > 0}>
            Run
          </button>
        </div>
      </form>
    </Dialog>
  )
}
