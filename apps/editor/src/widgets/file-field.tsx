/** A file: its name, picked or dropped. Until the upload is done the old one stays. */
import { useRef, useState } from 'react'
import { Icon } from '../app/icons.js'
import { pictureNames } from '../catalogue/picture-names.js'
import type { FieldProps } from './field-props.js'

export function FileField({ param, value, onChange, id, disabled, upload: uploadPicture, problem }: FieldProps) {
  const picker = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState<string | undefined>(undefined)
  const [error, setError] = useState<string | undefined>(undefined)
  const [isOver, setOver] = useState(false)
  const text = typeof value === 'string' ? value : ''
  const extensions = (param.options.extensions ?? []) as readonly string[]
  // Servers take pictures from people; models and data lie where its workers run.
  const upload = extensions.every((extension) => pictureNames.test(`.${extension}`)) ? uploadPicture : undefined
  const take = async (file: File | undefined): Promise<void> => {
    if (!file || !upload) return
    setBusy(file.name)
    setError(undefined)
    try {
      onChange(await upload(file))
    } catch (cause) {
      setError((cause as Error).message)
    } finally {
      setBusy(undefined)
    }
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping has its twin in the button
    <span
      className={`field file${isOver ? ' over' : ''}`}
      data-control
      onDragOver={(event) => {
        if (!upload || disabled || !event.dataTransfer.types.includes('Files')) return
        event.preventDefault()
        event.stopPropagation()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        if (!upload || disabled) return
        event.preventDefault()
        event.stopPropagation()
        setOver(false)
        void take(event.dataTransfer.files[0])
      }}
    >
      <input
        id={id}
        aria-label={param.title}
        disabled={disabled}
        placeholder={upload ? 'path, or drop a file' : 'path'}
        title={error ?? text}
        aria-invalid={error !== undefined || problem !== undefined}
        aria-describedby={problem}
        value={busy === undefined ? text : `uploading ${busy}…`}
        onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
      />
      {upload && (
        <button
          type="button"
          aria-label={`${param.title}: upload a file`}
          title="Upload a file"
          disabled={disabled}
          onClick={() => picker.current?.click()}
        >
          <Icon name="upload" />
        </button>
      )}
      <input
        ref={picker}
        type="file"
        hidden
        aria-label={`${param.title}: choose`}
        accept={extensions.map((extension) => `.${extension}`).join()}
        onChange={(event) => {
          void take(event.target.files?.[0])
          event.target.value = ''
        }}
      />
    </span>
  )
}
