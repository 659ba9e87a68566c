// POST /prompt: judged as ComfyUI judges, imported, and submitted as a job like any other.
import { randomUUID } from 'node:crypto'
import {
  type ComfyJson,
  type ComfyPrompt,
  type ImportedWorkflow,
  importComfy,
  printComfy,
  promptIdFault,
  readComfy,
} from '@dreamgraph/comfy'
import { type CatalogueDescription, printWorkflow } from '@dreamgraph/graph'
import type { Asker, Jobs } from '../jobs/jobs.js'
import type { Submitter } from '../jobs/submit.js'
import { ServerProblem } from '../problem.js'
import { fitPreset, keepShown, presetIn } from './fit-model.js'
import { judgePrompt, neededFor } from './judge-prompt.js'
import { chooseModel, type ModelNames } from './model-names.js'
import type { Pictures } from './pictures.js'
import { type PromptBody, readPromptBody } from './prompt-body.js'
import type { Records } from './records.js'
import type { Runs } from './runs.js'

export interface SubmitParts {
  readonly catalogue: CatalogueDescription
  readonly jobs: Jobs
  readonly submit: Submitter
  readonly records: Records
  readonly runs: Runs
  readonly pictures: Pictures
  readonly models: ModelNames
  readonly onLog: (line: string) => void
}

/** Status and body of the answer. */
export interface Answered {
  readonly status: number
  readonly text: string
}

/** Wrong prompts are answered, not thrown. Throws ServerProblem where the server cannot take any. */
export async function submitPrompt(parts: SubmitParts, asker: Asker, bytes: Uint8Array): Promise<Answered> {
  try {
    const body = readPromptBody(bytes)
    const fault = promptIdFault(body.promptId)
    if (fault) return refused({ error: fault, node_errors: {} })
    const lists = await parts.models.lists()
    const { targets } = body
    const judged = await judgePrompt(body.prompt, { asker, pictures: parts.pictures, lists, targets })
    const { verdict, files } = judged
    if (!verdict.ok) return refused({ error: verdict.error, node_errors: verdict.node_errors })
    const whole = readComfy(body.prompt)
    const prompt = whole.kind === 'prompt' ? whole.prompt : {}
    const id = typeof body.promptId === 'string' ? body.promptId : randomUUID()
    const place = await put(parts, asker, { id, body, prompt, outputs: verdict.outputs, files })
    return { status: 200, text: print({ prompt_id: id, number: place, node_errors: verdict.node_errors }) }
  } catch (error) {
    const { userFault, status = 400, message } = error as ServerProblem
    if (userFault !== true || status >= 500) throw error
    const fault = { type: 'invalid_prompt', message: 'Cannot execute prompt', details: message, extra_info: {} }
    return refused({ error: fault, node_errors: {} })
  }
}

interface Judged {
  readonly id: string
  readonly body: PromptBody
  readonly prompt: ComfyPrompt
  readonly outputs: readonly string[]
  readonly files: ReadonlyMap<string, string>
}

/** Puts it into the queue and gives its place there. */
async function put(parts: SubmitParts, asker: Asker, judged: Judged): Promise<number> {
  const { id, body, prompt, outputs, files } = judged
  const { records, runs, jobs, submit } = parts
  const known = await records.find(asker.name, id)
  if (known) return known.place // the same prompt again, after an answer that was lost
  const { workflow, nodeOf, title, asked } = await adapt(parts, neededFor(prompt, outputs), { body, files })
  const { clientId, number, front } = body
  const texts = { prompt: print(prompt), extraData: print(body.extraData), outputs: JSON.stringify(outputs) }
  const record = { job: id, owner: asker.name, clientId, number, front, nodeOf, ...texts }
  if (!(await records.add(record))) {
    throw new ServerProblem('request/invalid', `prompt_id: expected one that is not in use, got "${id}"`)
  }
  runs.track({ job: id, owner: asker.name, client_id: clientId ?? null })
  try {
    await submit(asker, { ...usual, id, workflow: printWorkflow(workflow), title })
  } catch (error) {
    runs.untrack(id)
    await records.drop(id)
    throw error
  }
  for (const line of asked) parts.onLog(`prompt ${id}: ${line}`)
  const place = (await records.find(asker.name, id))!.place
  if (front || number !== undefined) await moveTo({ jobs, records }, asker, { id, place })
  return place
}

const usual = { inputs: {}, priority: 0, retryLimit: 2, cache: true }
const titleChars = 80
const mostLines = 20

interface Adapted extends Pick<ImportedWorkflow, 'workflow'> {
  readonly nodeOf: ImportedWorkflow['comfyNodeOf']
  readonly title: string
  /** What was asked for and is done otherwise. */
  readonly asked: readonly string[]
}

async function adapt(
  { catalogue, models }: SubmitParts,
  prompt: ComfyPrompt,
  { body, files }: { body: PromptBody; files: ReadonlyMap<string, string> },
): Promise<Adapted> {
  const names = await models.names()
  const chosen = new Map<string, string>()
  const imported = importComfy(prompt, catalogue, {
    layout: body.layout,
    fileOf: (name, list) => (list === 'pictures' ? (files.get(name) ?? name) : name),
    model(asked) {
      const model = chooseModel(asked, names)
      if (model !== undefined) chosen.set(asked, model)
      return model
    },
  })
  const [model] = chosen.values()
  const wanted = presetIn(imported.workflow)
  const fitting = model === undefined ? undefined : await models.presetFor(model, wanted)
  const fitted = fitting ? fitPreset(imported.workflow, fitting) : imported.workflow
  const replaced = [...chosen].filter(([asked, name]) => asked !== name).map(([asked, name]) => `${name} for ${asked}`)
  const text = String(imported.workflow.inputs?.prompt?.default ?? '').slice(0, titleChars)
  const title = [text || 'ComfyUI', ...(replaced.length > 0 ? [`(${replaced.join(', ')})`] : [])].join(' ')
  const lines = imported.report
    .filter(({ kind }) => kind !== 'mapped')
    .map(({ kind, node, class: type, what, why }) => `${kind} ${what} for node ${node} (${type}): ${why}`)
  const preset = wanted !== undefined && fitting && fitting.version !== wanted
  const asked = [...replaced, ...(preset ? [`preset ${fitting.version} for ${wanted}`] : []), ...lines]
  return { ...keepShown(fitted, imported.comfyNodeOf), title, asked: asked.slice(0, mostLines) }
}

/** Before those of the submitter that have a higher number. What runs already has overtaken them all. */
async function moveTo(
  { jobs, records }: Pick<SubmitParts, 'jobs' | 'records'>,
  asker: Asker,
  { id, place }: { id: string; place: number },
): Promise<void> {
  const places = await records.places(asker.name)
  const next = places.find((other) => other.job !== id && other.place > place)
  if (!next) return
  await jobs.move(asker, id, { before: next.job }).catch((error) => {
    if (!(error instanceof ServerProblem)) throw error
  })
}

const refused = (body: object): Answered => ({ status: 400, text: print(body) })

/** ComfyUI's values are JSON with bigints, whatever their types say. */
const print = (value: object): string => printComfy(value as ComfyJson)
