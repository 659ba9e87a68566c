// A checker's findings as lines for people, and as one error that stops a command.
import type { Problem } from '@dreamgraph/graph'
import { CliError } from './errors.js'

/** A workflow that must not run. `problems` holds every error. */
export class WorkflowInvalid extends CliError {
  readonly problems: readonly Problem[]

  constructor(path: string, problems: readonly Problem[]) {
    const count = problems.length === 1 ? 'one error' : `${problems.length} errors`
    const lines = problems.map((problem) => `  ${describeProblem('error', problem)}`)
    const isMissingValue = problems.some(({ code }) => code === 'check/missing-value')
    super('cli/workflow-invalid', `${path}: expected a workflow without errors, got ${count}\n${lines.join('\n')}`, {
      hint: isMissingValue
        ? `\`dreamgraph validate ${path}\` lists the inputs; give one with --input name=value`
        : undefined,
    })
    this.problems = problems
  }
}

/** `error check/param-range /nodes/draw/params/steps: node draw.steps: expected …, got …` */
export function describeProblem(grade: 'error' | 'warning', { code, path, message }: Problem): string {
  return `${grade} ${code}${path === '' ? '' : ` ${path}`}: ${message}`
}
