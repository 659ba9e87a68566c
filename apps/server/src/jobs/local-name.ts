// Names of the workers that a server starts itself. They tell such a worker after a restart, when all of them are gone.
import { randomUUID } from 'node:crypto'

/** A new name for each process: what an earlier one held is not mixed up with it. */
export const localName = (index: number): string => `local-${index}-${randomUUID().slice(0, 8)}`

/** Others may be called after hosts such as `localhost`, with the number of a process behind. */
export const isLocalName = (name: string): boolean => /^local-\d+-[0-9a-f]{8}$/.test(name)
