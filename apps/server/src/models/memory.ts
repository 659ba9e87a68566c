// What a step of the sampler takes of memory, from the headers of a model's files.
import { join } from 'node:path'
import { openComponent, type SequenceLengths, samplerMemory } from '@dreamgraph/dreamo'
import { type ModelEntry, stepMemory } from '@dreamgraph/nodes'
import type { MemoryForecast } from '@dreamgraph/protocol'

/** Throws what opening the transformer throws. */
export async function memoryForecast(entry: ModelEntry, lengths: SequenceLengths): Promise<MemoryForecast> {
  const path = entry.transformer ?? join(entry.folder ?? '', 'transformer')
  return stepMemory(samplerMemory(await openComponent('transformer', path), lengths))
}
