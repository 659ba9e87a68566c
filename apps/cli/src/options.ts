// Options that several commands share, each described once.
import { quantizeSchemes } from '@dreamgraph/dreamo'
import { InvalidArgumentError, Option } from 'commander'

export const devices = ['auto', 'cpu', 'webgpu', 'cuda'] as const
export type DeviceChoice = (typeof devices)[number]

export const inputOption = (): Option =>
  new Option('-i, --input <name=value>', 'value of a declared input; repeat for several')
    .argParser(collect)
    .default([], 'none')

export const deviceOption = (): Option =>
  new Option('--device <device>', 'what to run models on').choices([...devices]).default('auto')

export const quantizeOption = (): Option =>
  new Option('--quantize <scheme>', 'weights of transformers in fewer bits, where the workflow does not say').choices([
    ...quantizeSchemes,
  ])

export const packOption = (): Option =>
  new Option('--pack <folder>', 'node pack whose nodes to add, code of others; repeat for several')
    .argParser((folder: string, previous: readonly string[]) => [...previous, folder])
    .default([], 'none')

export const jsonOption = (what: string): Option => new Option('--json', what)

/** What `--input` takes; shown by every command that has it. */
export const inputHelp = `
Inputs are given by the names that the workflow declares:
  --input prompt="a cat [ref#1]"   text; @prompt.txt takes it from a file, @@ begins a text with @
  --input subject=cat.png          a picture or a model, by path
  --input seed=42                  0 to 18446744073709551615, or random, which prints what it drew
  --input steps=12                 numbers; true and false for switches
  --input seeds=1 --input seeds=2  lists: repeat, or seeds='["1", "2"]'
`

function collect(value: string, previous: readonly string[]): string[] {
  if (!value.includes('=')) throw new InvalidArgumentError('expected name=value')
  return [...previous, value]
}
