// What ComfyUI's clients keep on the server for their users: any JSON by name.
import { type ComfyJson, printComfy } from '@dreamgraph/comfy'
import type { Database } from '../database/database.js'
import { isObject, readBody } from './prompt-body.js'

const keyOf = (owner: string): string => `comfy/${owner}`

export async function readSettings(database: Database, owner: string): Promise<Record<string, ComfyJson>> {
  const [row] = await database.query<{ value: Record<string, ComfyJson> }>(
    'select value from settings where key = $1',
    [keyOf(owner)],
  )
  return row?.value ?? {}
}

/** Adds to what there is: several, or one by its name. */
export async function storeSettings(
  database: Database,
  owner: string,
  { id, bytes }: { id?: string; bytes: Uint8Array },
): Promise<void> {
  const given = readBody(bytes)
  const added = id !== undefined ? { [id]: given } : isObject(given) ? given : {}
  await database.query(
    `insert into settings values ($1, $2::jsonb)
     on conflict (key) do update set value = settings.value || excluded.value`,
    [keyOf(owner), printComfy(added)],
  )
}
