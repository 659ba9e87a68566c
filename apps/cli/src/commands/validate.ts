// `dreamgraph validate`: every error and warning of a workflow, without running or opening anything.
import { check, type Problem, showValue, type Workflow } from '@dreamgraph/graph'
import { Command } from 'commander'
import { withCatalogue } from '../bench.js'
import { exitCodes } from '../exit-codes.js'
import { loadWorkflow } from '../load-workflow.js'
import { inputHelp, inputOption, jsonOption, packOption } from '../options.js'
import { describeProblem, WorkflowInvalid } from '../problems.js'
import { printJson } from '../progress/json-lines.js'
import { columns } from '../table.js'

interface Verdict {
  readonly ok: boolean
  /** What the workflow declares; absent when it cannot be read. */
  readonly inputs?: Workflow['inputs']
  readonly errors: readonly Problem[]
  readonly warnings: readonly Problem[]
}

export function validateCommand(): Command {
  return new Command('validate')
    .description('list every error and warning of a workflow, and its inputs, without running it')
    .argument('<file>', 'workflow file')
    .addOption(inputOption())
    .addOption(packOption())
    .addOption(jsonOption('print one JSON object {ok, inputs, errors, warnings}'))
    .addHelpText('after', inputHelp + examples)
    .action(validate)
}

const examples = `
Inputs that are not given and have no default are fine here: a value is needed only to run.
Exit code 0: no errors. 2: errors, all of them listed.

Examples:
  $ dreamgraph validate flow.json
  $ dreamgraph validate flow.json --input steps=500
  $ dreamgraph validate flow.json --json | jq '.errors[].path'
`

interface ValidateOptions {
  readonly input: readonly string[]
  readonly pack: readonly string[]
  readonly json?: boolean
}

async function validate(file: string, options: ValidateOptions): Promise<void> {
  const verdict = await judge(file, options)
  if (options.json) printJson(verdict)
  else for (const line of describeVerdict(file, verdict)) process.stdout.write(`${line}\n`)
  if (!verdict.ok) process.exitCode = exitCodes.invalidInput
}

async function judge(file: string, { input, pack }: ValidateOptions): Promise<Verdict> {
  try {
    const { loaded, values } = await loadWorkflow(file, input)
    const checked = await withCatalogue(pack, (catalogue) => check(loaded.document, catalogue, { inputs: values }))
    const errors = (checked.ok ? [] : checked.errors).filter(({ code }) => code !== 'check/missing-value')
    return { ok: errors.length === 0, inputs: loaded.document.inputs, errors, warnings: checked.warnings }
  } catch (error) {
    if (!(error instanceof WorkflowInvalid)) throw error
    return { ok: false, errors: error.problems, warnings: [] }
  }
}

function describeVerdict(file: string, { ok, inputs = {}, errors, warnings }: Verdict): string[] {
  const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`
  return [
    ...errors.map((problem) => describeProblem('error', problem)),
    ...warnings.map((problem) => describeProblem('warning', problem)),
    ...describeInputs(inputs),
    `${file}: ${ok ? 'valid' : 'not valid'}, ${count(errors.length, 'error')}, ${count(warnings.length, 'warning')}`,
  ]
}

/** `  prompt  text  default "a fox"  What the picture shows.` */
function describeInputs(inputs: NonNullable<Workflow['inputs']>): string[] {
  const rows = Object.entries(inputs).map(([name, { type, default: byDefault, description, title }]) => {
    const value = byDefault === undefined ? 'no default' : `default ${showValue(byDefault)}`
    return [name, type, value, description ?? title ?? '']
  })
  return rows.length === 0 ? [] : ['inputs:', ...columns(rows).map((line) => `  ${line}`)]
}
