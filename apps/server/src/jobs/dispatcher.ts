// Brings jobs to workers and what workers say into the log. A lease is one try; a word of an old lease counts for nothing.
import { randomUUID } from 'node:crypto'
import {
  type Assignment,
  type Capabilities,
  decodePreview,
  type Job,
  type OrderFrame,
  type PreviewKind,
  type RunEvent,
  type TryEnd,
  type WorkerFrame,
} from '@dreamgraph/protocol'
import type { Database } from '../database/database.js'
import type { Boss } from './boss.js'
import type { Hub } from './hub.js'
import type { Ledger } from './ledger.js'
import { Live } from './live.js'
import { isLocalName } from './local-name.js'
import type { Ranks } from './ranks.js'
import { findJob, jobOf } from './rows.js'
import { endTry, loseTry, recordOutput, startTry } from './tries.js'

/** A connected worker. */
export interface WorkerLink {
  readonly name: string
  /** A child of this server: when it is gone, so is what it did. */
  readonly local: boolean
  readonly connectedAtMs: number
  capabilities: Capabilities
  isStopping: boolean
  readonly live: Map<string, Live>
  readonly send: (frame: OrderFrame) => void
}

export interface DispatcherOptions {
  readonly database: Database
  readonly ledger: Ledger
  readonly boss: Boss
  readonly hub: Hub
  readonly ranks: Ranks
  readonly onPreview: (job: string, kind: PreviewKind, frame: Uint8Array) => void
  readonly onError: (error: unknown) => void
  readonly onEnd: (how: 'finished' | 'failed' | 'cancelled', durationMs: number) => void
  /** How long a worker on another machine may be away before its jobs go to others. */
  readonly graceMs: number
  /** Tries in a row that a job may lose with their workers without having finished anything. */
  readonly mostLosses: number
}

/** Retries that pg-boss holds back, and jobs that wait for their time, are looked for this often. */
const lookEveryMs = 500
const touchEveryMs = 3600_000

export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #workers = new Set<WorkerLink>()
  /** Leases whose worker is away, with the time after which they are lost. */
  readonly #orphans = new Map<string, { live: Live; timer: NodeJS.Timeout }>()
  /** Preview kinds that followers want, by job. */
  readonly #wanted = new Map<string, readonly PreviewKind[]>()
  readonly #look: NodeJS.Timeout
  readonly #touch: NodeJS.Timeout
  #isPaused = false
  #isStopping = false
  #round: Promise<void> | undefined
  #again = false

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#look = setInterval(() => this.wake(), lookEveryMs)
    this.#touch = setInterval(() => void options.boss.touchRunning().catch(options.onError), touchEveryMs)
  }

  get workers(): readonly WorkerLink[] {
    return [...this.#workers]
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  set isPaused(paused: boolean) {
    this.#isPaused = paused
    this.wake()
  }

  /** After a start: what ran when the server ended. Workers of other machines may still have their jobs. */
  async recover(): Promise<void> {
    const rows = await this.#options.database.query<{
      id: string
      lease: string
      owner: string
      queue: string
      worker: string
      max_runtime_ms: number
    }>(`select id, lease, owner, queue, worker, max_runtime_ms from jobs where state = 'running' and lease is not null`)
    for (const { id, lease, owner, queue, worker, max_runtime_ms } of rows) {
      const { count, total, done } = await this.#stored(id)
      const live = new Live({ job: id, lease, owner, queue, worker, maxRuntimeMs: max_runtime_ms, next: count + 1 })
      Object.assign(live.nodes, { total, done })
      if (isLocalName(worker)) await this.#lose(live)
      else this.#orphan(live)
    }
  }

  /** How many of a worker's events are in the log, all that follow the newest `started`; and how far they had come. */
  async #stored(job: string): Promise<{ count: number; total: number; done: number }> {
    const [row] = await this.#options.database.query<{ count: number; total: number; done: number }>(
      `select count(*)::int as count,
         coalesce(max((body->>'nodes')::int) filter (where body->>'type' = 'run-started'), 0) as total,
         (count(*) filter (where body->>'type' in ('node-finished', 'node-cached')))::int as done
       from job_events where job = $1
       and seq > (select coalesce(max(seq), 0) from job_events where job = $1 and body->>'type' = 'started')`,
      [job],
    )
    return row!
  }

  connect(link: WorkerLink, holding: readonly string[]): void {
    this.#workers.add(link)
    for (const lease of holding) {
      const orphan = this.#orphans.get(lease)
      if (!orphan) {
        link.send({ type: 'lost', lease })
        continue
      }
      clearTimeout(orphan.timer)
      this.#orphans.delete(lease)
      link.live.set(lease, orphan.live)
      this.#limit(link, orphan.live)
      link.send({ type: 'ack', lease, upTo: orphan.live.next - 1 })
      link.send({ type: 'previews', lease, kinds: [...(this.#wanted.get(orphan.live.job) ?? [])] })
    }
    this.wake()
  }

  /** The connection broke. The worker may come back, and with it what it holds. */
  disconnect(link: WorkerLink): void {
    this.#workers.delete(link)
    for (const live of link.live.values()) if (!live.isOver) this.#orphan(live)
    link.live.clear()
  }

  /** What the worker says cannot be understood: said again it would be no better, so its jobs go to others. */
  distrust(link: WorkerLink, error: unknown): void {
    link.isStopping = true // until it has connected anew
    for (const live of [...link.live.values()]) this.#giveUp(link, live, error)
  }

  /** The worker's process has ended: nothing will come back. */
  died(worker: string): void {
    for (const link of this.#workers) if (link.name === worker) this.disconnect(link)
    for (const [lease, { live, timer }] of this.#orphans) {
      if (live.worker !== worker) continue
      clearTimeout(timer)
      this.#orphans.delete(lease)
      void this.#lose(live)
    }
  }

  #orphan(live: Live): void {
    const timer = setTimeout(() => {
      this.#orphans.delete(live.lease)
      void this.#lose(live)
    }, this.#options.graceMs)
    this.#orphans.set(live.lease, { live, timer })
  }

  async #lose(live: Live): Promise<void> {
    clearTimeout(live.timer)
    const { ledger, boss, mostLosses, onError } = this.#options
    await live.turn.catch(() => {})
    await ledger.change((tx) => loseTry(tx, boss, live, mostLosses)).catch(onError)
    await this.#tellJob(live.job)
    this.wake()
  }

  frame(link: WorkerLink, frame: WorkerFrame): void {
    if (frame.type === 'capabilities') link.capabilities = frame.capabilities
    if (frame.type === 'stopping') link.isStopping = true
    if (frame.type === 'events') this.#events(link, frame)
    else this.wake()
  }

  preview(link: WorkerLink, bytes: Uint8Array): void {
    const preview = decodePreview(bytes)
    const isHis = preview && [...link.live.values()].some(({ job }) => job === preview.header.job)
    if (isHis) this.#options.onPreview(preview.header.job, preview.header.kind, bytes)
  }

  #events(link: WorkerLink, { lease, from, events }: Extract<WorkerFrame, { type: 'events' }>): void {
    const live = link.live.get(lease)
    if (!live) {
      link.send({ type: 'lost', lease })
      return
    }
    const fresh = events.slice(Math.max(0, live.next - from))
    if (from > live.next || fresh.length === 0) {
      link.send({ type: 'ack', lease, upTo: live.next - 1 })
      return
    }
    live.next += fresh.length
    const upTo = live.next - 1
    live.turn = Promise.all([live.turn, this.#record(link, live, fresh)]).then(
      () => link.send({ type: 'ack', lease, upTo }),
      (error) => this.#giveUp(link, live, error),
    )
  }

  /** Something of the try could not be stored: it must not end as if it had been. Another try may do better. */
  #giveUp(link: WorkerLink, live: Live, error: unknown): void {
    this.#options.onError(error)
    if (!link.live.delete(live.lease)) return
    link.send({ type: 'lost', lease: live.lease })
    void this.#lose(live)
  }

  /** Everything is put in the ledger's line at once, so the order is kept. */
  async #record(link: WorkerLink, live: Live, events: readonly (RunEvent | TryEnd)[]): Promise<void> {
    const { ledger, boss } = this.#options
    const stored: Promise<unknown>[] = []
    const keep = (storing: Promise<unknown>) => {
      storing.catch(() => {
        live.isBroken = true // what stands in line behind it sees that
      })
      stored.push(storing)
    }
    let plain: RunEvent[] = []
    const flush = () => {
      if (plain.length > 0) keep(ledger.append(live, plain))
      plain = []
    }
    let isShown = false
    for (const event of events) {
      if (isEnd(event)) {
        flush()
        clearTimeout(live.timer)
        keep(ledger.change((tx) => endTry(tx, boss, live, event)).then((how) => this.#ended(link, live, how)))
        continue
      }
      isShown = live.note(event) || isShown
      if (event.type === 'output' || (event.type === 'node-finished' && event.report.effect)) {
        flush()
        keep(ledger.change((tx) => recordOutput(tx, live, event)))
      } else plain.push(event)
    }
    flush()
    if (isShown) void this.#tellJob(live.job, live)
    await Promise.all(stored)
  }

  async #ended(link: WorkerLink, live: Live, how: 'finished' | 'failed' | 'cancelled' | undefined): Promise<void> {
    link.live.delete(live.lease)
    if (how) this.#options.onEnd(how, Date.now() - live.startedAtMs)
    await this.#tellJob(live.job)
    this.wake()
  }

  /** Tells those who watch lists. */
  async #tellJob(id: string, live?: Live): Promise<void> {
    const { hub, database, onError } = this.#options
    if (!hub.isWatched) return
    const row = await findJob(database, id).catch(onError)
    if (row) hub.tellJob(live ? live.show(jobOf(row)) : jobOf(row))
  }

  liveOf(job: string): Live | undefined {
    for (const link of this.#workers) for (const live of link.live.values()) if (live.job === job) return live
    return undefined
  }

  /** Ends a try from our side; the job was told something else already. */
  stopTry(job: string): void {
    for (const link of this.#workers) {
      for (const live of link.live.values()) {
        if (live.job !== job) continue
        live.isOver = true
        link.send({ type: 'cancel', lease: live.lease })
      }
    }
    for (const [lease, { live, timer }] of this.#orphans) {
      if (live.job !== job) continue
      clearTimeout(timer)
      this.#orphans.delete(lease)
    }
  }

  want(job: string, kinds: readonly PreviewKind[]): void {
    if (kinds.length > 0) this.#wanted.set(job, kinds)
    else this.#wanted.delete(job)
    for (const link of this.#workers) {
      for (const live of link.live.values()) {
        if (live.job === job) link.send({ type: 'previews', lease: live.lease, kinds: [...kinds] })
      }
    }
  }

  /** Gives out jobs as long as there are jobs and free workers. */
  wake(): void {
    this.#again = true
    this.#round ??= this.#giveOut()
      .catch(this.#options.onError)
      .finally(() => {
        this.#round = undefined
        if (this.#again) setTimeout(() => this.wake(), 20)
      })
  }

  async #giveOut(): Promise<void> {
    while (this.#again) {
      this.#again = false
      for (const link of this.#workers) {
        while (!this.#isPaused && !this.#isStopping && !link.isStopping && link.live.size < link.capabilities.slots) {
          if (!(await this.#giveOne(link))) break
        }
      }
    }
  }

  async #giveOne(link: WorkerLink): Promise<boolean> {
    const { ledger, boss, ranks } = this.#options
    const { models, packs } = link.capabilities
    const queues = boss.queuesWithin({ models, packs })
    if (queues.length === 0) return false
    const lease = randomUUID()
    const row = await ledger.change((tx) => startTry(tx, boss, { queues, lease, worker: link.name }))
    if (!row) return false
    ranks.started(row.priority, row.rank)
    const { id: job, owner, queue } = row
    const live = new Live({ job, lease, owner, queue, worker: link.name, maxRuntimeMs: row.max_runtime_ms, next: 1 })
    if (!this.#workers.has(link)) {
      void this.#lose(live) // gone in the meantime
      return false
    }
    link.live.set(lease, live)
    this.#limit(link, live)
    const assignment: Assignment = {
      job: row.id,
      lease,
      attempt: row.attempt,
      workflow: row.document,
      inputs: row.inputs,
      ...(row.targets && { targets: row.targets }),
      files: row.files,
      doneEffects: row.done_effects,
      cache: row.use_cache,
      previews: [...(this.#wanted.get(row.id) ?? [])],
    }
    link.send({ type: 'run', assignment })
    void this.#tellJob(row.id)
    return true
  }

  #limit(link: WorkerLink, live: Live): void {
    clearTimeout(live.timer)
    const leftMs = live.startedAtMs + live.maxRuntimeMs - Date.now()
    live.timer = setTimeout(() => void this.#overtime(link, live), Math.max(0, leftMs))
  }

  async #overtime(link: WorkerLink, live: Live): Promise<void> {
    const { ledger, boss, onError } = this.#options
    const message = `job: expected to end within ${live.maxRuntimeMs / 1000} s, got no end`
    const error = { code: 'job/overtime', message, userFault: true }
    await ledger.change((tx) => endTry(tx, boss, live, { type: 'failed', error })).catch(onError)
    live.isOver = true
    link.send({ type: 'cancel', lease: live.lease })
    await this.#tellJob(live.job)
  }

  /** Takes everything back into the queue. */
  async stop(): Promise<void> {
    this.#isStopping = true
    clearInterval(this.#look)
    clearInterval(this.#touch)
    await this.#round
    for (const { timer } of this.#orphans.values()) clearTimeout(timer) // they may come back after a restart
    for (const link of this.#workers) {
      if (link.local) for (const live of link.live.values()) await this.#lose(live)
    }
  }

  show(job: Job): Job {
    return this.liveOf(job.id)?.show(job) ?? job
  }
}

const isEnd = (event: RunEvent | TryEnd): event is TryEnd =>
  event.type === 'finished' || event.type === 'failed' || event.type === 'cancelled' || event.type === 'released'
