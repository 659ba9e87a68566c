/** The control of one param, chosen by its kind. It shows a value and tells of a new one; where both live is not its business. */
import { BooleanField, ChoiceField } from './choice-field.js'
import type { FieldProps } from './field-props.js'
import { FileField } from './file-field.js'
import { JsonField } from './json-field.js'
import { NumberField } from './number-field.js'
import { SeedField } from './seed-field.js'
import { TextField } from './text-field.js'

export function Field(props: FieldProps) {
  const { param } = props
  switch (param.kind) {
    case 'int':
    case 'float':
      return <NumberField {...props} />
    case 'boolean':
      return <BooleanField {...props} />
    case 'choice':
      return <ChoiceField {...props} />
    case 'seed':
      return <SeedField {...props} />
    case 'file':
      return <FileField {...props} />
    case 'json':
      return <JsonField {...props} />
    default:
      return param.options.multiline === true && props.promptField ? props.promptField(props) : <TextField {...props} />
  }
}
