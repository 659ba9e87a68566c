// What is painted, on both sides: as the preset `mini` has it.
import { tokenGrid } from '@dreamgraph/dreamo'

const side = 128

export const settings = {
  /** Of the positive and of the negative branch. */
  prompts: ['the robot [ref#1] on the left and the teapot [ref#2] on the right, in the kitchen', ''],
  textTokens: 56,
  steps: 12,
  trueCfg: 3,
  grid: tokenGrid({ width: side, height: side }),
} as const
