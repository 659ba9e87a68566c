// Looks at what is stored of jobs, and at what a client saw of them, for anything lost, doubled or computed twice.
import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { isKept } from './flows.mjs'

const ends = new Set(['finished', 'failed', 'cancelled'])

/** `followed`: events by job as the client saw them, and the files that each node with an effect writes. */
export async function inspect({ client, followed, faults }) {
  const catalogue = new Map((await client.call('nodes')).nodes.map((node) => [node.type, node]))
  const sums = {
    jobs: followed.size,
    tries: 0,
    lostTries: 0,
    failedTries: 0,
    events: 0,
    ran: 0,
    cached: 0,
    cutNodes: 0,
  }
  const artifacts = { artifacts: 0, artifactBytes: 0 }
  const listed = new Set()
  for await (const { items } of client.jobs({ limit: 200 })) for (const { id } of items) listed.add(id)
  if (listed.size !== followed.size) faults.push(`jobs: expected ${followed.size} in the list, got ${listed.size}`)
  for (const [id, job] of followed) {
    const fault = (text) => faults.push(`job ${id}: ${text}`)
    const log = await readLog(client, id)
    checkLog(log, job.events, fault)
    checkWork(log, job, catalogue, fault)
    const now = await client.call('job', { params: { job: id } })
    if (now.state !== log.at(-1)?.type) fault(`expected the state that its log ends with, got ${now.state}`)
    if (now.state !== 'finished') fault(`expected to finish, got ${now.state} (${now.error?.message})`)
    await checkOutputs(client, now, job, artifacts, fault)
    count(log, sums)
  }
  return { ...sums, ...artifacts }
}

async function readLog(client, job) {
  const log = []
  for (let more = true; more; ) {
    const page = await client.call('jobEvents', { params: { job }, query: { since: log.length, limit: 500 } })
    log.push(...page.events)
    more = page.more
  }
  return log
}

/** Numbered without gaps, ended once and at its end, and seen by the client as it is. */
function checkLog(log, seen, fault) {
  const gap = log.findIndex(({ seq }, index) => seq !== index + 1)
  if (gap >= 0) fault(`expected event ${gap + 1}, got ${log[gap].seq}`)
  const last = log.filter(({ type }) => ends.has(type))
  if (last.length !== 1 || last[0] !== log.at(-1)) {
    fault(`expected one end, the last event, got ${last.map(({ type, seq }) => `${type} as ${seq}`)} of ${log.length}`)
  }
  if (isDeepStrictEqual(log, seen)) return
  const at = log.findIndex((event, index) => !isDeepStrictEqual(event, seen[index]))
  fault(`expected the client to see the log, got ${seen.length} events of ${log.length}, first other at ${at + 1}`)
}

/** No kept result is computed again once its end is in the log; what has an effect has it once. */
function checkWork(log, { effects }, catalogue, fault) {
  const ran = new Map()
  const again = (key) => {
    ran.set(key, (ran.get(key) ?? 0) + 1)
    return ran.get(key) > 1
  }
  for (const event of log) {
    if (event.type === 'node-finished') {
      const { id, status } = event.report
      if (status !== 'ran') fault(`expected node ${id} to have run, got ${status}`)
      const isOnce = event.report.effect || isKept(event.report, catalogue)
      if (isOnce && again(id)) fault(`expected node ${id} to run once, got another run (${event.report.why})`)
    }
    if (event.type === 'item-finished' && !event.cached && !effects[event.node]) {
      const item = `${event.node} item ${event.item.index}`
      if (again(item)) fault(`expected ${item} to run once, got another run`)
    }
  }
  for (const node of Object.keys(effects)) if (!ran.has(node)) fault(`expected node ${node} to have had its effect`)
}

/** Every file that should have come out is there, with the bytes that its digest says. */
async function checkOutputs(client, { outputs }, { effects, values }, sums, fault) {
  for (const [node, files] of Object.entries(effects)) {
    const got = outputs.filter((output) => output.file !== undefined && output.node === node).length
    if (got !== files) fault(`expected ${files} files of ${node}, got ${got}`)
  }
  const named = outputs.filter(({ name }) => name !== undefined).length
  if (named !== values) fault(`expected ${values} declared outputs, got ${named}`)
  for (const { digest, sizeBytes } of outputs) {
    if (!digest) continue
    const bytes = await client.artifact(digest)
    if (createHash('sha256').update(bytes).digest('hex') !== digest) fault(`expected bytes of ${digest}, got others`)
    if (bytes.byteLength !== sizeBytes) fault(`expected ${sizeBytes} bytes, got ${bytes.byteLength}`)
    sums.artifacts++
    sums.artifactBytes += bytes.byteLength
  }
}

function count(log, sums) {
  const of = (type, test = () => true) => log.filter((event) => event.type === type && test(event)).length
  sums.events += log.length
  sums.tries += of('started')
  sums.lostTries += of('queued', ({ reason }) => reason === 'worker-lost')
  sums.failedTries += of('queued', ({ reason }) => reason === 'failed-try')
  sums.ran += of('node-finished')
  sums.cached += of('node-cached')
  sums.cutNodes += of('node-started') - of('node-finished')
}
