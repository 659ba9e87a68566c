// From what a client submits to what a worker can run: the document checked, its pictures fixed by content, its needs known.
import {
  type Catalogue,
  check,
  DocumentError,
  type JsonValue,
  type LoadedWorkflow,
  type Plan,
  type PlanNode,
  type Problem,
  parseWorkflow,
  printWorkflow,
  readWorkflow,
} from '@dreamgraph/graph'
import { nodeCatalogue, type Services } from '@dreamgraph/nodes'
import { ServerProblem } from '../problem.js'
import type { Needs } from './boss.js'

export interface PreparedJob {
  readonly document: string
  /** Name in the document, may be empty. */
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly needs: Needs
  readonly nodes: number
  /** Words that a search finds it by. */
  readonly search: string
}

export interface PrepareOptions {
  readonly catalogue: Catalogue<Services>
  readonly inputs: Readonly<Record<string, JsonValue>>
  readonly maxNodes: number
  /** Digest of a picture by the path that the document has for it; keeps its bytes. */
  readonly keepFile: (path: string) => Promise<string>
  /** Names of models that workers may have. */
  readonly isModelName: (name: string) => boolean
}

/** Parses a document, given as text or JSON. Throws workflow/invalid. */
export function parseDocument(workflow: string | object): LoadedWorkflow {
  try {
    if (typeof workflow === 'string') return parseWorkflow(workflow)
    return parseWorkflow(printWorkflow(readWorkflow(workflow as JsonValue)))
  } catch (error) {
    if (error instanceof DocumentError) throw invalid(error.problems, error)
    throw error
  }
}

/** Throws workflow/invalid with every error, request/not-found for a file. */
export async function prepareJob(loaded: LoadedWorkflow, options: PrepareOptions): Promise<PreparedJob> {
  const { catalogue, inputs, maxNodes, keepFile, isModelName } = options
  const checked = check(loaded.document, catalogue, { inputs, maxNodes })
  if (!checked.ok) throw invalid(checked.errors)
  const files: Record<string, string> = {}
  for (const path of picturesOf(checked.plan)) files[path] = await keepFile(path)
  const models = textsOf(checked.plan, 'model/load', 'model').filter(isModelName)
  const prompts = textsOf(checked.plan, 'dreamo/encode-text', 'text')
  return {
    document: loaded.text,
    name: checked.plan.name,
    files,
    needs: { models, packs: packsOf(checked.plan) },
    nodes: checked.plan.nodes.length,
    search: [checked.plan.name, ...prompts].join(' ').slice(0, 4000),
  }
}

export function invalid(problems: readonly Problem[], cause?: unknown): ServerProblem {
  const [first] = problems
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return new ServerProblem('workflow/invalid', `${first?.message ?? 'workflow: expected a workflow'}${more}`, {
    problems: problems.map(({ value, rule, ...rest }) => rest),
    cause,
  })
}

/** Areas of nodes that are not ours. */
function packsOf(plan: Plan<Services>): string[] {
  return areasOfPacks(plan.nodes.map(({ node }) => node.type))
}

const ours = new Set(nodeCatalogue.nodes.map(({ type }) => type))

/** `pack` of `pack/node`, for the types that do not come along with dreamgraph. */
export function areasOfPacks(types: readonly string[]): string[] {
  return [...new Set(types.filter((type) => !ours.has(type)).map((type) => type.split('/')[0]!))].sort()
}

const pictureName = /\.(png|jpe?g|webp|avif|tiff?|gif)$/i

/** Picture files that the plan reads. Weights stay where the workers have them. */
function picturesOf(plan: Plan<Services>): string[] {
  const paths = plan.nodes.flatMap((node) => {
    if (node.state !== 'run') return []
    const params = Object.entries(node.node.params).filter(([, param]) => param.kind === 'file')
    return params.flatMap(([name]) => valuesOf(node, name))
  })
  return [...new Set(paths.filter((path) => pictureName.test(path)))]
}

const textsOf = (plan: Plan<Services>, type: string, param: string): string[] =>
  plan.nodes.filter(({ node, state }) => node.type === type && state === 'run').flatMap((node) => valuesOf(node, param))

/** What a param is known to be before anything runs: its own value, or values given by name. */
function valuesOf({ params, inputs }: PlanNode<Services>, name: string): string[] {
  const given = inputs
    .filter((input) => input.kind === 'param' && input.name === name)
    .flatMap(({ sources }) => sources)
    .filter(({ node }) => node < 0)
    .flatMap(({ value }) => value)
  return [params[name], ...given].filter((value): value is string => typeof value === 'string' && value !== '')
}
