/** Reading workflow documents: text or JSON in, a typed document out, or every problem at once. */
import { DocumentError, type GraphErrorCode, type Problem } from '../errors.js'
import { isJsonObject, type JsonValue, showValue } from '../json.js'
import { countMembers, type DocumentLimits, defaultDocumentLimits, isDeeper, scanJson } from './limits.js'
import { migrateDocument, oldestVersion } from './migrations.js'
import { pointer } from './pointer.js'
import { schemaVersion, type Workflow, workflowSchema } from './schema.js'
import { duplicateKeys, parseSyntax } from './syntax.js'

/** A document with the text it came from; saving needs both to change only what changed. */
export interface LoadedWorkflow {
  readonly document: Workflow
  readonly text: string
  /** The JSON value of the text, before migration. */
  readonly original: JsonValue
  /** Schema version of the text. */
  readonly version: number
}

/** Reads a workflow from JSON text. Throws DocumentError with all problems. */
export function parseWorkflow(text: string, limits: Partial<DocumentLimits> = {}): LoadedWorkflow {
  const { textChars, depth } = { ...defaultDocumentLimits, ...limits }
  if (text.length > textChars) throw fail('document/too-large', '', `at most ${textChars} characters`, text.length)
  const scan = scanJson(text)
  if (scan.depth > depth) throw fail('document/too-large', '', `nesting of at most ${depth}`, scan.depth)
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  const original = parseJson(body)
  // A key that comes twice is lost in the value: then, and only then, the slower syntax tree is needed to name it.
  const duplicates = countMembers(original) === scan.members ? [] : duplicateKeys(parseSyntax(body))
  const [first, ...rest] = duplicates.map((path) =>
    problem('document/duplicate-key', path, 'each key once', 'it twice'),
  )
  if (first) throw new DocumentError([first, ...rest])
  const document = readWorkflow(original, limits)
  return { document, text, original, version: (original as { dreamgraph: number }).dreamgraph }
}

/** Reads a workflow from a JSON value that someone else parsed or built. Throws DocumentError with all problems. */
export function readWorkflow(value: JsonValue, limits: Partial<DocumentLimits> = {}): Workflow {
  if (!isJsonObject(value) || !Number.isInteger(value.dreamgraph) || (value.dreamgraph as number) < oldestVersion) {
    const found = isJsonObject(value) ? value.dreamgraph : value
    throw fail('document/not-a-workflow', '/dreamgraph', 'an integer schema version of 1 or more', found)
  }
  const version = value.dreamgraph as number
  if (version > schemaVersion) {
    const rule = `schema version ${schemaVersion} or older (a newer dreamgraph wrote this file; update to open it)`
    throw fail('document/newer-version', '/dreamgraph', rule, version)
  }
  const { depth } = { ...defaultDocumentLimits, ...limits }
  if (isDeeper(value, depth)) throw fail('document/too-large', '', `nesting of at most ${depth}`, 'more')
  const migrated = migrateDocument(value, schemaVersion)
  const { error } = workflowSchema.safeParse(migrated, { reportInput: true })
  if (error) {
    const [first, ...rest] = error.issues.map((issue) => {
      const path = pointer(...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key)))
      return problem('document/shape', path, shapeRule(issue), issue.input)
    })
    throw new DocumentError([first!, ...rest])
  }
  const document = migrated as unknown as Workflow
  checkCounts(document, { ...defaultDocumentLimits, ...limits })
  return document
}

function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch (cause) {
    throw new DocumentError([problem('document/not-json', '', 'JSON', (cause as Error).message)], { cause })
  }
}

function checkCounts(document: Workflow, limits: DocumentLimits): void {
  const graphs = [document, ...Object.values(document.components ?? {})]
  const nodes = graphs.reduce((sum, graph) => sum + Object.keys(graph.nodes).length, 0)
  const links = graphs.reduce((sum, graph) => sum + (graph.links?.length ?? 0), 0)
  if (nodes > limits.nodes) throw fail('document/too-large', '/nodes', `at most ${limits.nodes} nodes`, nodes)
  if (links > limits.links) throw fail('document/too-large', '/links', `at most ${limits.links} links`, links)
}

function shapeRule(issue: { readonly code: string; readonly message: string; readonly expected?: string }): string {
  if (issue.code === 'invalid_type' && issue.expected) return issue.expected === 'record' ? 'object' : issue.expected
  return issue.message.replace(/^Invalid \w+: expected |^expected /, '')
}

function problem(code: GraphErrorCode, path: string, rule: string, value: unknown): Problem {
  const where = path === '' ? 'document' : `document ${path}`
  return { code, path, rule, value, message: `${where}: expected ${rule}, got ${showValue(value)}` }
}

function fail(code: GraphErrorCode, path: string, rule: string, value: unknown): DocumentError {
  return new DocumentError([problem(code, path, rule, value)])
}
