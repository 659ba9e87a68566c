// Tokens: random secrets of which only the hash is stored, each with what it is good for.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Scope } from '@dreamgraph/protocol'
import type { Database } from '../database/database.js'
import { notFound, ServerProblem } from '../problem.js'

export interface Identity {
  readonly name: string
  readonly scopes: ReadonlySet<Scope>
}

/** A token that whoever started the server has given. */
export interface FixedToken {
  readonly secret: string
  readonly name: string
  readonly scopes: readonly Scope[]
}

interface TokenRow {
  readonly name: string
  readonly hash: string
  readonly scopes: Scope[]
  readonly created_at: number
  readonly expires_at: number | null
  readonly last_used_at: number | null
}

/** What else a scope is good for. */
const includes: Readonly<Record<Scope, readonly Scope[]>> = {
  read: ['read'],
  submit: ['submit', 'read'],
  admin: ['admin', 'submit', 'read'],
  worker: ['worker', 'read'],
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')
const rememberUseMs = 60_000
/** Timers of JavaScript take no longer one. */
const longestTimerMs = 2 ** 31 - 1

export class Tokens {
  readonly #database: Database
  /** Given by whoever started the server, and the one of its own workers: not in the table. */
  readonly #fixed: readonly { hash: string; identity: Identity }[]
  readonly #rows = new Map<string, TokenRow>()
  /** What ends with a token, by its name. */
  readonly #held = new Map<string, Set<() => void>>()

  private constructor(database: Database, fixed: readonly FixedToken[]) {
    this.#database = database
    this.#fixed = fixed.map(({ secret, name, scopes }) => ({
      hash: hashOf(secret),
      identity: { name, scopes: new Set(scopes.flatMap((scope) => includes[scope])) },
    }))
  }

  static async open(database: Database, fixed: readonly FixedToken[]): Promise<Tokens> {
    const tokens = new Tokens(database, fixed)
    for (const row of await database.query<TokenRow>('select * from tokens')) tokens.#rows.set(row.hash, row)
    return tokens
  }

  /** Whom a secret stands for; undefined when for nobody. */
  identify(secret: string): Identity | undefined {
    const hash = hashOf(secret)
    for (const fixed of this.#fixed) if (isEqual(fixed.hash, hash)) return fixed.identity
    const row = this.#rows.get(hash)
    const now = Date.now()
    if (!row || (row.expires_at !== null && row.expires_at <= now)) return undefined
    if (now - (row.last_used_at ?? 0) > rememberUseMs) this.#noteUse(row, now)
    return { name: row.name, scopes: new Set(row.scopes.flatMap((scope) => includes[scope])) }
  }

  /** The same. Throws request/unauthorized for nobody. */
  expect(secret: string): Identity {
    const identity = this.identify(secret)
    if (identity) return identity
    throw new ServerProblem('request/unauthorized', 'token: expected a valid one, got another')
  }

  #noteUse(row: TokenRow, now: number): void {
    this.#rows.set(row.hash, { ...row, last_used_at: now })
    const noted = this.#database.query('update tokens set last_used_at = $2 where hash = $1', [row.hash, now])
    noted.catch(() => {}) // only for show
  }

  async add({ name, scopes, expiresAtMs }: { name: string; scopes: Scope[]; expiresAtMs?: number }) {
    const secret = `dg_${randomBytes(24).toString('base64url')}`
    const row: TokenRow = {
      name,
      hash: hashOf(secret),
      scopes: [...new Set(scopes)],
      created_at: Date.now(),
      expires_at: expiresAtMs ?? null,
      last_used_at: null,
    }
    const inserted = await this.#database.query(
      'insert into tokens values ($1, $2, $3::jsonb, $4, $5) on conflict do nothing returning 1',
      [name, row.hash, JSON.stringify(row.scopes), row.created_at, row.expires_at],
    )
    const isTaken = inserted.length === 0 || this.#fixed.some(({ identity }) => identity.name === name)
    if (isTaken) throw new ServerProblem('request/invalid', `token: expected a new name, got "${name}"`)
    this.#rows.set(row.hash, row)
    return { ...tokenOf(row), secret }
  }

  /** Calls `end` once when the token of that name is removed or has had its time, unless it is released before. */
  hold({ name }: Identity, end: () => void): () => void {
    const row = this.#rowOf(name)
    if (!row) return () => {} // given with the start, and there until the end
    const holders = this.#held.get(name) ?? new Set()
    let timer: NodeJS.Timeout | undefined
    const release = () => {
      clearTimeout(timer)
      holders.delete(over)
      if (holders.size === 0 && this.#held.get(name) === holders) this.#held.delete(name)
    }
    const over = () => {
      release()
      end()
    }
    const waitForExpiry = (atMs: number) => {
      const leftMs = atMs - Date.now()
      timer = setTimeout(
        () => (leftMs > longestTimerMs ? waitForExpiry(atMs) : over()),
        Math.min(leftMs, longestTimerMs),
      )
      timer.unref()
    }
    this.#held.set(name, holders.add(over))
    if (row.expires_at !== null) waitForExpiry(row.expires_at)
    return release
  }

  /** Whether there is somebody of that name to act for. */
  isKnown(name: string): boolean {
    if (name === 'local' || this.#fixed.some(({ identity }) => identity.name === name)) return true
    const row = this.#rowOf(name)
    return row !== undefined && (row.expires_at === null || row.expires_at > Date.now())
  }

  #rowOf(name: string): TokenRow | undefined {
    return [...this.#rows.values()].find((known) => known.name === name)
  }

  list() {
    return [...this.#rows.values()].map(tokenOf)
  }

  async remove(name: string): Promise<void> {
    const row = this.#rowOf(name)
    if (!row) throw notFound('token', name)
    this.#rows.delete(row.hash)
    for (const end of [...(this.#held.get(name) ?? [])]) end()
    await this.#database.query('delete from tokens where name = $1', [name])
  }
}

const tokenOf = ({ name, scopes, created_at, expires_at, last_used_at }: TokenRow) => ({
  name,
  scopes,
  createdAtMs: created_at,
  ...(expires_at !== null && { expiresAtMs: expires_at }),
  ...(last_used_at !== null && { lastUsedAtMs: last_used_at }),
})

const isEqual = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b))
