/** Folder of `postgres` and `initdb`; undefined where there is none. */
export function postgresqlPrograms(): string | undefined

export interface Postgresql {
  readonly url: string
  query(text: string, values?: readonly unknown[]): Promise<unknown>
  stop(): Promise<void>
}

/** Starts one in a folder of its own. Throws where there is none. */
export function startPostgresql(): Promise<Postgresql>
