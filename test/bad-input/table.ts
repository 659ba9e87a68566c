// Runs a table of bad inputs: each must end in a fault that is typed, worded as promised, and leaves nothing behind.
import { dreamoErrors } from '@dreamgraph/dreamo'
import { graphErrors } from '@dreamgraph/graph'
import { nodesErrors } from '@dreamgraph/nodes'
import { onnxErrorCodes } from '@dreamgraph/onnx'
import { runtimeErrorCodes } from '@dreamgraph/runtime'
import { storeErrorCodes } from '@dreamgraph/store'
import { weightsErrorCodes } from '@dreamgraph/weights'
import { expect, test } from 'vitest'
import { Place } from './place.js'

export interface BadInput {
  readonly name: string
  /** Makes the input, real files included, and hands it to the program. */
  readonly attempt: (place: Place) => unknown
  readonly code: string
  /** Part of the message: what must be named for the fault to be found. */
  readonly says?: string
}

const tables: Readonly<Record<string, string>> = {
  ...graphErrors,
  ...storeErrorCodes,
  ...weightsErrorCodes,
  ...onnxErrorCodes,
  ...runtimeErrorCodes,
  ...dreamoErrors,
  ...nodesErrors,
}

export function testBadInputs(rows: readonly BadInput[]): void {
  test.each(rows.map((row) => [row.name, row] as const))('%s', async (_, { attempt, code, says }) => {
    const place = await Place.open()
    try {
      const fault = faultOf(await failureOf(() => attempt(place)))
      expect(fault).toMatchObject({ code, userFault: true })
      expect(Object.hasOwn(tables, code), `${code} stands in a table`).toBe(true)
      expect(fault.message).toMatch(/^.+?: expected .+, got:? .+$/s)
      if (says !== undefined) expect(fault.message).toContain(says)
      expect(await place.leftovers()).toEqual([])
    } finally {
      await place.close()
    }
  })
}

async function failureOf(attempt: () => unknown): Promise<Error> {
  try {
    await attempt()
  } catch (error) {
    return error as Error
  }
  throw new Error('expected the attempt to fail')
}

/** A failed node is wrapped once, to say which it was; the fault is its cause. */
function faultOf(error: Error): Error {
  const isNode = (error as { code?: unknown }).code === 'run/node-failed'
  return isNode ? (error.cause as Error) : error
}
