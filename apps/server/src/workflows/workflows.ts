// Saved workflows. Every save is a new revision; one over a stale base is kept aside and refused. Templates are files that
// come along.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Revision, StoredWorkflow, WorkflowSummary } from '@dreamgraph/protocol'
import type { Database, Queryable } from '../database/database.js'
import { sha256 } from '../files/artifact-store.js'
import type { Asker } from '../jobs/jobs.js'
import { parseDocument } from '../jobs/prepare.js'
import { notFound, ServerProblem } from '../problem.js'

interface RevisionRow {
  readonly name: string
  readonly revision: number
  readonly owner: string
  readonly text: string
  readonly digest: string
  readonly base: number
  readonly conflict: boolean
  readonly saved_at: number
}

interface Template {
  readonly text: string
  /** Digest of the picture that comes with it. */
  readonly picture?: string
}

/** Lets everybody see a picture; gives its digest. */
type Share = (bytes: Uint8Array, name: string) => Promise<string>

/** Before the names of templates. */
export const templatePrefix = 'templates/'

export class Workflows {
  readonly #database: Database
  readonly #templates: ReadonlyMap<string, Template>

  private constructor(database: Database, templates: ReadonlyMap<string, Template>) {
    this.#database = database
    this.#templates = templates
  }

  /** `libraries`: folders with templates in `workflows`; `name.webp` beside `name.json` is what it makes. */
  static async open(database: Database, libraries: readonly string[], share: Share): Promise<Workflows> {
    const templates = new Map<string, Template>()
    for (const library of libraries) {
      const folder = join(library, 'workflows')
      for (const file of (await readdir(folder).catch(() => [])).sort()) {
        if (!file.endsWith('.json')) continue
        const stem = file.slice(0, -'.json'.length)
        const name = templatePrefix + stem
        if (templates.has(name)) continue
        const text = await readFile(join(folder, file), 'utf8')
        const bytes = await readFile(join(folder, `${stem}.webp`)).catch(() => undefined)
        templates.set(name, { text, ...(bytes && { picture: await share(bytes, `${stem}.webp`) }) })
      }
    }
    return new Workflows(database, templates)
  }

  async list(asker: Asker): Promise<WorkflowSummary[]> {
    const rows = await this.#database.query<RevisionRow & { picture: string | null }>(
      `select distinct on (name) *, (
         select output->>'digest' from jobs, jsonb_array_elements(outputs) as output
         where jobs.owner = revisions.owner and workflow_name = revisions.name and state = 'finished'
           and output->>'mediaType' like 'image/%'
         order by number desc limit 1
       ) as picture from revisions where owner = $1 and not conflict order by name, revision desc`,
      [asker.name],
    )
    const saved = rows.map((row) => ({
      ...summaryOf(row.name, row.text),
      head: row.revision,
      savedAtMs: row.saved_at,
      template: false,
      ...(row.picture && { picture: row.picture }),
    }))
    const templates = [...this.#templates].map(([name, template]) => templateSummary(name, template))
    return [...saved, ...templates]
  }

  /** The latest revision, or a certain one. Throws request/not-found. */
  async read(asker: Asker, name: string, revision?: number): Promise<StoredWorkflow> {
    const template = this.#templates.get(name)
    if (template !== undefined) {
      return { ...templateSummary(name, template), revision: 0, text: template.text }
    }
    const head = await this.#head(this.#database, asker, name)
    const row =
      head && revision !== undefined && revision !== head.revision
        ? (await this.#rows(this.#database, asker, name)).find((known) => known.revision === revision)
        : head
    if (!head || !row) throw notFound('workflow', revision === undefined ? name : `${name} revision ${revision}`)
    return {
      ...summaryOf(name, row.text),
      head: head.revision,
      savedAtMs: row.saved_at,
      template: false,
      revision: row.revision,
      text: row.text,
    }
  }

  /** Throws workflow/stale, with both revisions in its details, and workflow/invalid for what is no document. */
  async save(asker: Asker, name: string, { text, base }: { text: string; base: number }) {
    if (name.startsWith(templatePrefix)) {
      throw new ServerProblem('request/forbidden', `workflow: expected another name, got "${name}" of a template`)
    }
    parseDocument(text)
    const { head, saved } = await this.#database.transaction(async (tx) => {
      await tx.query('lock table revisions in share row exclusive mode')
      const head = await this.#head(tx, asker, name)
      const isSame = head?.digest === sha256(text)
      if (isSame) return { head, saved: head }
      const [{ next }] = await tx.query<{ next: number }>(
        'select coalesce(max(revision), 0) + 1 as next from revisions where owner = $1 and name = $2',
        [asker.name, name],
      )
      const [saved] = await tx.query<RevisionRow>(
        `insert into revisions (name, revision, owner, text, digest, base, conflict, saved_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) returning *`,
        [name, next, asker.name, text, sha256(text), base, (head?.revision ?? 0) !== base, Date.now()],
      )
      return { head, saved: saved! }
    })
    if (!saved.conflict) return { name, revision: revisionOf(saved) }
    throw new ServerProblem(
      'workflow/stale',
      `workflow ${name}: expected a save over revision ${head?.revision ?? 0}, got one over ${base}; kept as ${saved.revision}`,
      { details: { head: head ? { ...revisionOf(head) } : null, kept: { ...revisionOf(saved) } } },
    )
  }

  async revisions(asker: Asker, name: string): Promise<Revision[]> {
    const rows = await this.#rows(this.#database, asker, name)
    if (rows.length === 0) throw notFound('workflow', name)
    return rows.map(revisionOf)
  }

  async remove(asker: Asker, name: string): Promise<void> {
    const gone = await this.#database.query('delete from revisions where owner = $1 and name = $2 returning 1', [
      asker.name,
      name,
    ])
    if (gone.length === 0) throw notFound('workflow', name)
  }

  async #head(on: Queryable, asker: Asker, name: string): Promise<RevisionRow | undefined> {
    const [row] = await on.query<RevisionRow>(
      'select * from revisions where owner = $1 and name = $2 and not conflict order by revision desc limit 1',
      [asker.name, name],
    )
    return row
  }

  #rows(on: Queryable, asker: Asker, name: string): Promise<RevisionRow[]> {
    return on.query('select * from revisions where owner = $1 and name = $2 order by revision desc', [asker.name, name])
  }
}

const revisionOf = ({ revision, saved_at, owner, digest, base, conflict }: RevisionRow): Revision => ({
  revision,
  savedAtMs: saved_at,
  savedBy: owner,
  digest,
  base,
  conflict,
})

const templateSummary = (name: string, { text, picture }: Template): WorkflowSummary => ({
  ...summaryOf(name, text),
  head: 0,
  template: true,
  ...(picture !== undefined && { picture }),
})

function summaryOf(name: string, text: string) {
  const { name: title, description } = parseDocument(text).document
  return { name, title: title || name, description: description ?? '' }
}
