// A run on a server: local pictures go there, events come back, results are written here, as if it had run here.
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { type Client, connect } from '@dreamgraph/client'
import {
  type ExecutionEvent,
  type JsonValue,
  type LoadedWorkflow,
  type NodeReport,
  printWorkflow,
  type Workflow,
} from '@dreamgraph/graph'
import { nodeCatalogue } from '@dreamgraph/nodes'
import type { Job, JobEvent } from '@dreamgraph/protocol'
import { fetchFiles } from './fetch-files.js'
import type { Reporter } from './progress/reporter.js'

export interface RemoteRun {
  readonly server: string
  readonly token: string | undefined
  /** Path of the workflow, where relative paths start after the working folder. */
  readonly file: string
  readonly loaded: LoadedWorkflow
  readonly values: Readonly<Record<string, JsonValue>>
  readonly targets: readonly string[] | undefined
  readonly cache: boolean
  /** Folder for what was written. */
  readonly output: string
  readonly signal: AbortSignal
  readonly reporter: Reporter
}

/** Throws what the client throws; a signal that aborts cancels the job. */
export async function runRemote(run: RemoteRun): Promise<void> {
  const { server, token, loaded, values, targets, cache, output, signal, reporter } = run
  const client = connect({ url: server, token })
  const startedAtMs = Date.now()
  const reports: NodeReport[] = []
  try {
    const upload = uploader(client, [process.cwd(), dirname(run.file)], signal)
    const workflow = printWorkflow(await withUploads(loaded.document, upload))
    const inputs = await uploadInputs(loaded.document, values, upload)
    reporter.device(`on ${server}`)
    const job = await client.run(
      { workflow, inputs, cache, ...(targets && { targets: [...targets] }), title: basename(run.file, '.json') },
      {
        signal,
        onEvent(event) {
          if (event.type === 'node-finished' || event.type === 'node-cached') reports.push(event.report as NodeReport)
          report(event, reporter)
        },
      },
    )
    const written = await fetchFiles({ client, job, folder: output, signal })
    for (const path of written) reporter.written(path)
    reporter.result({
      outputs: Object.fromEntries(job.outputs.flatMap((made) => (made.name ? [[made.name, describe(made)]] : []))),
      missing: {},
      written,
      nodes: reports,
      durationMs: Date.now() - startedAtMs,
    })
  } finally {
    client.close()
  }
}

type Upload = (path: string) => Promise<string>

const pictureName = /\.(png|jpe?g|webp|avif|tiff?|gif)$/i

/** Uploads each picture once. What is not here is left as it is: the server may know it. */
function uploader(client: Client, folders: readonly string[], signal: AbortSignal): Upload {
  const known = new Map<string, Promise<string>>()
  const find = async (path: string): Promise<string> => {
    for (const folder of folders) {
      const bytes = await readFile(resolve(folder, path)).catch(() => undefined)
      if (bytes) return (await client.upload(basename(path), bytes, { signal })).file
    }
    return path
  }
  return (path) => {
    const found = known.get(path) ?? find(path)
    known.set(path, found)
    return found
  }
}

/** The document with uploaded pictures in file params and in defaults of declared inputs. */
async function withUploads(document: Workflow, upload: Upload): Promise<Workflow> {
  const copy = structuredClone(document)
  const graphs = [copy, ...Object.values(copy.components ?? {})]
  for (const { nodes, inputs = {} } of graphs) {
    for (const node of Object.values(nodes)) {
      const params = nodeCatalogue.nodes.find(({ type }) => type === node.type)?.params ?? {}
      for (const [name, value] of Object.entries(node.params ?? {})) {
        if (params[name]?.kind === 'file') node.params![name] = await uploadValue(value, upload)
      }
    }
    for (const input of Object.values(inputs)) {
      if (isFile(input.type) && input.default !== undefined) input.default = await uploadValue(input.default, upload)
    }
  }
  return copy
}

async function uploadInputs(
  { inputs = {} }: Workflow,
  values: Readonly<Record<string, JsonValue>>,
  upload: Upload,
): Promise<Record<string, JsonValue>> {
  const uploaded = Object.entries(values).map(async ([name, value]): Promise<[string, JsonValue]> => {
    const isUploaded = Object.hasOwn(inputs, name) && isFile(inputs[name]!.type)
    return [name, isUploaded ? await uploadValue(value, upload) : value]
  })
  return Object.fromEntries(await Promise.all(uploaded))
}

const isFile = (type: string): boolean => type === 'file' || type === 'list<file>'

async function uploadValue(value: JsonValue, upload: Upload): Promise<JsonValue> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => uploadValue(item, upload)))
  return typeof value === 'string' && pictureName.test(value) ? upload(value) : value
}

/** The job's events as those of a run here. */
function report(event: JobEvent, reporter: Reporter): void {
  if (event.type === 'queued' && event.reason !== 'submitted') reporter.log(`queued again: ${event.reason}`)
  const isOfRun = /^(run|node|item)-/.test(event.type)
  if (isOfRun) reporter.event(event as unknown as ExecutionEvent)
}

const describe = ({ value, width, height, mediaType }: Job['outputs'][number]): JsonValue =>
  value ?? (width === undefined ? (mediaType ?? '') : `${width}×${height}, ${mediaType}`)
