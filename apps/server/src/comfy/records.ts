// What must be known of a prompt besides its job: as the client sent it, and whose nodes are whose. Survives restarts.
import type { ComfyNodeOf } from '@dreamgraph/comfy'
import type { Failure, JobState, Output } from '@dreamgraph/protocol'
import type { Database } from '../database/database.js'
import { jsonForDatabase } from '../database/json.js'

export interface NewRecord {
  readonly job: string
  readonly owner: string
  readonly clientId: string | undefined
  /** Place in the queue that the client asked for: lower goes first. */
  readonly number: number | undefined
  readonly front: boolean
  /** Texts of JSON: seeds in them are larger than what JSON.parse keeps. */
  readonly prompt: string
  readonly extraData: string
  readonly outputs: string
  readonly nodeOf: ComfyNodeOf
}

/** A prompt with what has become of its job. */
export interface PromptRow {
  readonly job: string
  readonly owner: string
  readonly client_id: string | null
  readonly place: number
  readonly prompt: string
  readonly extra_data: string
  readonly outputs: string
  readonly node_of: ComfyNodeOf
  readonly state: JobState
  readonly started_at: number | null
  readonly ended_at: number | null
  readonly job_outputs: Output[]
  readonly error: Failure | null
}

/** As ComfyUI counts: what is put to the front gets the negative of its number. */
const place = 'case when p.front then -j.number else coalesce(p.number, j.number) end'

const selectPrompts = `select p.job, p.owner, p.client_id, ${place} as place, p.prompt, p.extra_data, p.outputs, p.node_of,
  j.state, j.started_at, j.ended_at, j.outputs as job_outputs, j.error
  from comfy_prompts p join jobs j on j.id = p.job`

/** Ended, and begun before that: what is taken out of the queue leaves no history. */
const inHistory = `p.owner = $1 and not p.hidden and j.started_at is not null and j.state in ('finished', 'failed', 'cancelled')`

const waiting = `('queued', 'paused')`
/** Most entries of one answer. */
const mostShown = 1000

export class Records {
  readonly #database: Database

  private constructor(database: Database) {
    this.#database = database
  }

  static async open(database: Database): Promise<Records> {
    // A record is put down before its job, so that no event of the job comes too early for it.
    await database.query('delete from comfy_prompts where not exists (select 1 from jobs where id = job)')
    return new Records(database)
  }

  /** False where the id is taken, by anybody's job. */
  async add(record: NewRecord): Promise<boolean> {
    const { job, owner, clientId, number, front, prompt, extraData, outputs, nodeOf } = record
    const added = await this.#database.query(
      `insert into comfy_prompts (job, owner, client_id, number, front, prompt, extra_data, outputs, node_of)
       select $1::uuid, $2, $3, $4, $5, $6, $7, $8, $9::jsonb where not exists (select 1 from jobs where id = $1::uuid)
       on conflict do nothing returning job`,
      [job, owner, clientId ?? null, number ?? null, front, prompt, extraData, outputs, jsonForDatabase(nodeOf)],
    )
    return added.length > 0
  }

  async drop(job: string): Promise<void> {
    await this.#database.query('delete from comfy_prompts where job = $1', [job])
  }

  async find(owner: string, job: string): Promise<PromptRow | undefined> {
    const [row] = await this.#rows('where p.job = $2 and p.owner = $1', [owner, job])
    return row
  }

  /** All that has not ended, of everybody. */
  unfinished(): Promise<Pick<PromptRow, 'job' | 'owner' | 'client_id' | 'state'>[]> {
    return this.#database.query(
      `select p.job, p.owner, p.client_id, j.state from comfy_prompts p join jobs j on j.id = p.job
       where j.state in ('queued', 'paused', 'running')`,
    )
  }

  running(owner: string): Promise<PromptRow[]> {
    return this.#rows(`where p.owner = $1 and j.state = 'running' order by j.started_at`, [owner])
  }

  /** In the order in which they will run. */
  waiting(owner: string): Promise<PromptRow[]> {
    const order = `order by j.priority desc, j.rank, j.number limit ${mostShown}`
    return this.#rows(`where p.owner = $1 and j.state in ${waiting} ${order}`, [owner])
  }

  /** Ids and places of what waits at the usual priority, in the order in which it will run. */
  places(owner: string): Promise<{ job: string; place: number }[]> {
    return this.#database.query(
      `select p.job, ${place} as place from comfy_prompts p join jobs j on j.id = p.job
       where p.owner = $1 and j.state in ${waiting} and j.priority = 0 order by j.rank, j.number`,
      [owner],
    )
  }

  /** Oldest first: from the offset on, or without one the newest. */
  async history(owner: string, { limit, offset }: { limit?: number; offset?: number }): Promise<PromptRow[]> {
    const values = [owner, Math.min(limit ?? mostShown, mostShown)]
    const order = 'j.ended_at, j.number'
    if (offset !== undefined) {
      return this.#rows(`where ${inHistory} order by ${order} offset $3 limit $2`, [...values, offset])
    }
    const newest = await this.#rows(`where ${inHistory} order by j.ended_at desc, j.number desc limit $2`, values)
    return newest.reverse()
  }

  async ended(owner: string, job: string): Promise<PromptRow | undefined> {
    const [row] = await this.#rows(`where ${inHistory} and p.job = $2`, [owner, job])
    return row
  }

  /** Takes entries out of the history, all without ids. Their jobs and pictures stay, as ComfyUI's files do. */
  async hide(owner: string, jobs?: readonly string[]): Promise<void> {
    await this.#database.query(
      `update comfy_prompts set hidden = true from jobs
       where jobs.id = job and comfy_prompts.owner = $1 and jobs.state in ('finished', 'failed', 'cancelled')
         and ($2::uuid[] is null or job = any($2::uuid[]))`,
      [owner, jobs ?? null],
    )
  }

  #rows(rest: string, values: readonly unknown[]): Promise<PromptRow[]> {
    return this.#database.query<PromptRow>(`${selectPrompts} ${rest}`, values)
  }
}
