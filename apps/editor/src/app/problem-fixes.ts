/** What would mend a problem in one press, where that is plain: the nearest number, the name that was meant, the default. */
import type { JsonValue, ParamDescription, Problem, Workflow } from '@dreamgraph/graph'
import type { NodeCatalogue } from '../catalogue/catalogue.js'
import { faceOf } from '../catalogue/face.js'
import type { Recipe } from '../document/document-store.js'
import { findGraph } from '../document/graph.js'
import { type ProblemPlace, placeOf } from '../document/problem-place.js'
import { setInputDefault } from '../document/recipes/interface.js'
import { disconnect } from '../document/recipes/links.js'
import { setParam } from '../document/recipes/params.js'
import { renameParam, setNodeType } from '../document/recipes/repairs.js'

export interface Fix {
  readonly label: string
  readonly recipe: Recipe
}

export function fixOf(problem: Problem, document: Workflow, catalogue: NodeCatalogue): Fix | undefined {
  const place = placeOf(problem.path)
  const { graph, node, param, link } = place
  const { code, suggestion } = problem
  if (link !== undefined) {
    const found = findGraph(document, graph)?.links?.[link]
    return found && { label: 'Remove the link', recipe: disconnect(graph, [found]) }
  }
  if (code === 'check/unknown-type' && node !== undefined && suggestion !== undefined) {
    return { label: `Use “${suggestion}”`, recipe: setNodeType(graph, node, suggestion) }
  }
  if (code === 'check/unknown-param' && node !== undefined && param !== undefined) {
    return suggestion === undefined
      ? { label: 'Remove it', recipe: setParam(graph, { node, param }, undefined) }
      : { label: `Call it “${suggestion}”`, recipe: renameParam(graph, node, param, suggestion) }
  }
  if (!['check/param-range', 'check/param-type', 'check/input-value'].includes(code)) return undefined
  const target = targetOf(place, document, catalogue)
  if (!target) return undefined
  const better = suggestion ?? nearest(target, problem.value)
  if (better !== undefined) return { label: `Use ${shown(better)}`, recipe: valueRecipe(place, better) }
  if (target.default === undefined) return undefined
  const recipe = place.input === undefined ? valueRecipe(place, undefined) : valueRecipe(place, target.default)
  return { label: `Back to ${shown(target.default)}`, recipe }
}

function valueRecipe({ graph, node, param, input }: ProblemPlace, value: JsonValue | undefined): Recipe {
  return input === undefined
    ? setParam(graph, { node: node!, param: param! }, value)
    : setInputDefault(graph, input, value)
}

/** The param that a value goes to; that of the first target for a declared input. */
function targetOf(
  { graph, node, param, input }: ProblemPlace,
  document: Workflow,
  catalogue: NodeCatalogue,
): ParamDescription | undefined {
  const found = findGraph(document, graph)
  const to = input === undefined ? { node, param } : found?.inputs?.[input]?.to[0]
  if (to?.node === undefined || to.param === undefined || !found?.nodes[to.node]) return undefined
  return faceOf(document, graph, to.node, catalogue).params.find(({ name }) => name === to.param)
}

/** The allowed number next to one that is not. */
function nearest({ kind, options }: ParamDescription, value: unknown): number | undefined {
  if (typeof value !== 'number' || (kind !== 'int' && kind !== 'float')) return undefined
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = options as { min?: number; max?: number }
  const whole = kind === 'int' ? Math.round(value) : value
  const better = Math.min(max, Math.max(min, whole))
  return better === value || !Number.isFinite(better) ? undefined : better
}

function shown(value: JsonValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text === '' ? 'nothing' : text.length > 24 ? 'the default' : typeof value === 'string' ? `“${text}”` : text
}
