// The database as the server sees it: PostgreSQL, embedded or real, behind four functions.

/** Runs one statement, with `$1`, `$2`… for values; or several statements when there are no values. */
export interface Queryable {
  readonly query: <Row = Record<string, unknown>>(text: string, values?: readonly unknown[]) => Promise<Row[]>
}

export interface Database extends Queryable {
  readonly kind: 'embedded' | 'postgresql'
  /** All or nothing. What `work` throws is thrown on after a rollback. */
  readonly transaction: <T>(work: (tx: Queryable) => Promise<T>) => Promise<T>
  /** True for an error that says the connection broke: whether the statement was carried out is then unknown. */
  readonly isLost: (error: unknown) => boolean
  readonly close: () => Promise<void>
}

/** The form in which pg-boss takes a database or a transaction. */
export const forBoss = ({ query }: Queryable) => ({
  executeSql: async (text: string, values?: unknown[]) => ({ rows: await query(text, values) }),
})
