/** Classes that hold one value. Notes, reroutes and the old PrimitiveNode are not among them: no prompt has those. */
import { boolean, type ClassDeclaration, float, int, text } from './declaration.js'

/** Largest integer of ComfyUI's primitives, 2^63 − 1. */
const max = 2n ** 63n - 1n
const category = 'utils/primitive'

export const valueClasses: Readonly<Record<string, ClassDeclaration>> = {
  PrimitiveInt: {
    title: 'Int',
    category,
    inputs: { value: int({ default: 0, min: -max, max, control_after_generate: true }) },
    outputs: [['INT', 'INT']],
  },
  PrimitiveFloat: {
    title: 'Float',
    category,
    inputs: { value: float({ default: 0 }) },
    outputs: [['FLOAT', 'FLOAT']],
  },
  PrimitiveString: {
    title: 'String',
    category,
    inputs: { value: text({ default: '' }) },
    outputs: [['STRING', 'STRING']],
  },
  PrimitiveStringMultiline: {
    title: 'String (Multiline)',
    category,
    inputs: { value: text({ default: '', multiline: true }) },
    outputs: [['STRING', 'STRING']],
  },
  PrimitiveBoolean: {
    title: 'Boolean',
    category,
    inputs: { value: boolean(false) },
    outputs: [['BOOLEAN', 'BOOLEAN']],
  },
}
