// A graph's memory as the runtime will count it when it decides whether a model fits.
import { residentWeightBytes, runBytes } from '@dreamgraph/runtime'

interface StepMemory {
  readonly weightBytes: number
  /** Of the weights, what must fit while they are mapped. */
  readonly residentBytes: number
  /** Taken by a run and given back. */
  readonly runBytes: number
}

type GraphNeed = Omit<Parameters<typeof runBytes>[0], 'name' | 'bytes'>

export function stepMemory(need: GraphNeed): StepMemory {
  const source = { name: '', bytes: new Uint8Array(), ...need }
  return {
    weightBytes: need.weightBytes,
    residentBytes: residentWeightBytes(source, 'mapped'),
    runBytes: Math.ceil(runBytes(source)),
  }
}
