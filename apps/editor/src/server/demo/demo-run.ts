/** Plays a run of any workflow: its nodes in order, each for about as long as the small model takes, with previews. */
import { type CatalogueDescription, check, type JsonValue, parseWorkflow, type Workflow } from '@dreamgraph/graph'
import type { LossLine, PreviewFrame } from '@dreamgraph/protocol'
import { checkableCatalogue } from '../../catalogue/checkable.js'
import { inputOf } from '../../document/recipes/interface.js'
import { sourceOf } from '../../dreamo/references.js'
import { loaderOf } from '../../dreamo/set-reference-picture.js'
import { paintPrepared, paintPreview, routingCells } from './demo-pictures.js'

export interface PlayOptions {
  readonly pace: number
  readonly job: string
  readonly inputs: Readonly<Record<string, JsonValue>>
  emit(body: Record<string, unknown>): void
  preview(frame: PreviewFrame): void
  /** Keeps a picture under its digest. */
  keep(digest: string, url: string): void
  keepText(digest: string, text: string): void
  sourceUrl(file: string): string | undefined
  end(): void
}

const secondsOf: Readonly<Record<string, number>> = {
  'model/load': 0.4,
  'model/preset': 0.3,
  'dreamo/encode-text': 0.5,
  'dreamo/encode-reference': 0.4,
  'dreamo/sample': 4,
  'vae/decode': 0.6,
  'image/save': 0.1,
  'train/stage': 6,
}

const trainingSteps = 60

/** Content that was computed before in this page, so that a second run shows what the cache does. */
const known = new Set<string>()

/** Returns what stops it. */
export function playRun(text: string, description: CatalogueDescription, options: PlayOptions): () => void {
  const { document } = parseWorkflow(text)
  const { emit, pace } = options
  let isStopped = false
  const wait = (seconds: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, Math.max(4, seconds * 1000 * pace)))

  const play = async (): Promise<void> => {
    const startedAt = Date.now()
    const checked = check(document, checkableCatalogue(description), { inputs: options.inputs })
    if (!checked.ok) {
      const { code, message, node } = checked.errors[0]!
      emit({ type: 'failed', error: { code, message, node, userFault: true }, dead: true })
      return
    }
    emit({ type: 'run-started', nodes: checked.plan.nodes.length })
    for (const { id, node, state, params, inputs } of checked.plan.nodes) {
      if (isStopped) return
      const report = (status: string, why: string[], durationMs?: number) => ({
        id,
        type: node.type,
        status,
        why,
        durationMs,
      })
      const content = JSON.stringify([node.type, params, inputs.map((input) => input.sources)], (_, value) =>
        typeof value === 'bigint' ? `${value}` : value?.type?.digest ? value.type.name : value,
      )
      if (state !== 'run') {
        emit({ type: 'node-finished', node: id, report: report(state, ['as the workflow says']) })
        continue
      }
      if (known.has(content) && !node.effect && !node.volatile) {
        emit({ type: 'node-cached', node: id, report: report('cached', ['params and inputs are as before']) })
        continue
      }
      const begin = Date.now()
      emit({ type: 'node-started', node: id })
      await wait(0.05)
      const seconds = secondsOf[node.type] ?? 0.15
      const isTraining = node.type === 'train/stage'
      const steps = node.type === 'dreamo/sample' ? Number(params.steps ?? 12) : isTraining ? trainingSteps : 3
      for (let step = 1; step <= Math.min(steps, trainingSteps); step++) {
        await wait(seconds / steps)
        if (isStopped) return
        emit({ type: 'node-progress', node: id, done: step, total: steps, label: `step ${step} of ${steps}` })
        if (node.type === 'dreamo/sample') await sendPreviews(id, step, steps, document)
        if (isTraining)
          tell(
            playedLosses(id, {
              name: String(params.name),
              step,
              steps,
              secondsLeft: seconds * (1 - step / steps) * pace,
            }),
          )
      }
      if (isStopped) return
      known.add(content)
      if (node.type === 'image/preview') await sendLook(id)
      if (node.type === 'image/save') await sendResult(id, params)
      if (node.type === 'train/save-losses') await sendTable(id, params)
      const why = [known.size === 1 ? 'never ran before' : 'its inputs have changed']
      emit({ type: 'node-finished', node: id, report: report('ran', why, Date.now() - begin) })
    }
    emit({ type: 'finished', durationMs: Date.now() - startedAt })
  }

  const told: ReturnType<typeof playedLosses>[] = []
  const tell = (event: ReturnType<typeof playedLosses>): void => {
    told.push(event)
    emit(event)
  }
  const sendTable = async (node: string, params: Readonly<Record<string, unknown>>): Promise<void> => {
    const text = tableOf(told)
    const digest = await digestOf(new TextEncoder().encode(text))
    options.keepText(digest, text)
    const file = `${String(params.name ?? 'losses')}.csv`
    emit({ type: 'output', output: { node, file, digest, mediaType: 'text/csv', sizeBytes: text.length } })
  }

  const sendPreviews = async (node: string, step: number, steps: number, workflow: Workflow): Promise<void> => {
    const header = { job: options.job, node, step }
    const bytes = await paintPreview(step / steps, seedOf(workflow))
    options.preview({ header: { ...header, kind: 'picture', mediaType: 'image/png', width: 128, height: 128 }, bytes })
    const references = Object.values(workflow.nodes).filter(({ type }) => type === 'dreamo/encode-reference')
    references.forEach((_, index) => {
      const routing = { kind: 'routing', mediaType: 'application/octet-stream', width: 32, height: 32 } as const
      const cells = routingCells(index, references.length, step / steps)
      options.preview({ header: { ...header, ...routing, reference: index + 1 }, bytes: cells })
      for (const [place, group] of ['early', 'middle', 'late'].entries()) {
        const sharper = routingCells(index, references.length, (step / steps) * (0.4 + 0.3 * place))
        const layers = { ...routing, kind: 'routing-layers', group, leakage: 0.5 - 0.15 * place } as const
        options.preview({ header: { ...header, ...layers, reference: index + 1 }, bytes: sharper })
      }
    })
  }

  const sendLook = async (node: string): Promise<void> => {
    const encoder = sourceOf(document, { node, socket: 'image' })?.node
    const loader = encoder === undefined ? undefined : loaderOf(document, encoder)
    const url = loader === undefined ? undefined : options.sourceUrl(fileIn(document, loader))
    if (url === undefined) return
    const bytes = await paintPrepared(url)
    const header = { job: options.job, node, kind: 'picture', mediaType: 'image/png', width: 64, height: 64 } as const
    options.preview({ header, bytes })
  }

  const sendResult = async (node: string, params: Readonly<Record<string, unknown>>): Promise<void> => {
    const bytes = await paintPreview(1, seedOf(document))
    const digest = await digestOf(bytes)
    options.keep(digest, URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/png' })))
    const file = `${String(params.name ?? 'picture')}.png`
    const output = { node, file, digest, mediaType: 'image/png', sizeBytes: bytes.byteLength, width: 128, height: 128 }
    emit({ type: 'output', output })
  }

  void play().finally(options.end)
  return () => {
    isStopped = true
  }
}

/** Losses as a small model has them: they fall, and jump about. */
function playedLosses(
  node: string,
  { name, step, steps, secondsLeft }: { name: string; step: number; steps: number; secondsLeft: number },
): { type: string; node: string; stage: string; steps: number; timeLeftMs: number; lines: LossLine[] } {
  const jump = (salt: number): number => 1 + 0.15 * Math.sin(step * 12.9898 * salt)
  const lines = ['subject', 'style', 'identity'].map((task, index) => ({
    step,
    task,
    losses: {
      diff: (0.35 + 0.6 * Math.exp(-step / (18 + 6 * index))) * jump(index + 1),
      ...(task !== 'style' && { route: (1.5 + 6 * Math.exp(-step / 14)) * jump(index + 4) }),
    },
    gradientNorm: 1.2 * jump(7),
    learningRate: 4e-5 * Math.min(1, step / 10),
  }))
  return { type: 'node-losses', node, stage: name, steps, timeLeftMs: secondsLeft * 1000, lines }
}

/** The file that a node opens. */
function fileIn(workflow: Workflow, node: string): string {
  const given = inputOf(workflow, { node, socket: 'file' })?.[1].default ?? workflow.nodes[node]?.params?.file
  return String(given ?? '')
}

function tableOf(told: readonly ReturnType<typeof playedLosses>[]): string {
  const rows = told.flatMap(({ stage, lines }) =>
    lines.map(({ step, task, losses: { diff = '', route = '' }, gradientNorm, learningRate }) =>
      [step, task, diff, route, gradientNorm, learningRate, stage].join(),
    ),
  )
  return ['step,task,diff,route,gradient_norm,learning_rate,stage', ...rows, ''].join('\n')
}

async function digestOf(bytes: Uint8Array): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function seedOf(workflow: Workflow): number {
  const seed =
    workflow.inputs?.seed?.default ??
    Object.values(workflow.nodes).find(({ type }) => type === 'latent/noise')?.params?.seed
  return Number(BigInt(`${seed ?? '0'}`) % 1000n)
}
