/** What is wrong with one field, under it, with what would mend it. */
import type { Problem } from '@dreamgraph/graph'
import { fixOf } from '../app/problem-fixes.js'
import type { Tab } from '../app/tab.js'
import type { Workspace } from '../app/workspace.js'
import { withoutPlace } from '../document/problem-place.js'

interface FieldProblemsProps {
  readonly workspace: Workspace
  readonly tab: Tab
  readonly problems: readonly Problem[]
  /** By which the field names it. */
  readonly id?: string
}

export function FieldProblems({ workspace, tab, problems, id }: FieldProblemsProps) {
  if (problems.length === 0) return null
  return (
    <ul className="field-problems" id={id}>
      {problems.map((problem) => {
        const fix = fixOf(problem, tab.store.document, workspace.catalogue)
        return (
          <li key={`${problem.code} ${problem.path}`} title={problem.code}>
            {withoutPlace(problem.message)}
            {fix && (
              <button type="button" className="link" onClick={() => tab.apply(fix.recipe)}>
                {fix.label}
              </button>
            )}
          </li>
        )
      })}
    </ul>
  )
}
