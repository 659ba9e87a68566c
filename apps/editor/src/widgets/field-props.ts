/** What every field is given. */
import type { JsonValue, ParamDescription } from '@dreamgraph/graph'
import type { ReactNode } from 'react'
import type { SeedControl } from '../document/recipes/seeds.js'

export interface FieldProps {
  readonly param: ParamDescription
  readonly value: JsonValue | undefined
  /** `undefined`: back to the default. */
  readonly onChange: (value: JsonValue | undefined) => void
  readonly id?: string
  readonly disabled?: boolean
  /** Id of the element that says what is wrong with the value; absent where nothing is. */
  readonly problem?: string
  /** Takes a file that was dropped or picked and gives the name that stands for it. */
  readonly upload?: (file: File) => Promise<string>
  readonly seedControl?: SeedControl
  readonly onSeedControl?: (control: SeedControl) => void
  /** Names to offer for a text, such as those of the models. */
  readonly suggestions?: readonly string[]
  /** Replaces the plain field of a text with several lines. */
  readonly promptField?: (props: FieldProps) => ReactNode
}
