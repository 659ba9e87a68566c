// Opening a checkpoint of 1 GiB where it lies, against reading it.
import { join } from 'node:path'
import type { Bench } from '../figure.js'
import { alternate } from '../measure.js'
import { withScratchFolder } from '../scratch-folder.js'
import { inWorker, mib } from '../worker.js'
import { weightBytes, writeCheckpoint } from './checkpoint.js'
import type { Opened, OpenOptions } from './open.js'
import type { Read, ReadOptions } from './read.js'

const rounds = 5

export const openCheckpoint: Bench = {
  name: 'open-checkpoint',
  title: 'A float32 checkpoint of 1 GiB, from its path to a session that can run (cpu)',
  run: () =>
    withScratchFolder(async (folder) => {
      const file = join(folder, 'checkpoint.safetensors')
      await writeCheckpoint(file)
      // The figures of memory hardly vary: the last round's stand for all.
      let [mapped, packed] = [nothing, nothing]
      let read: Read = nothing
      const times = await alternate(
        {
          mapped: async () => {
            mapped = await open({ file, weights: 'mapped', started: true })
            return mapped.ms
          },
          read: async () => {
            read = await inWorker<ReadOptions, Read>(new URL('./read.js', import.meta.url), { file })
            return read.ms
          },
          starting: async () => (await open({ file, weights: 'mapped', started: false })).ms,
          packed: async () => {
            packed = await open({ file, weights: 'packed', started: true })
            return packed.ms
          },
        },
        rounds,
      )
      const size = mib(weightBytes)
      const unit = 'MiB'
      return {
        setting: [
          `64 matrices of 2048², read from the page cache; ${rounds} rounds, a new process for each sample. Memory: growth of the`,
          "runtime's process. One run touches all weights, so their pages count as resident then, though they are the page",
          'cache\'s own; "not doubled" is less than the file on top of that.',
        ],
        figures: [
          {
            what: 'open mapped',
            value: times.mapped,
            unit: 'ms',
            yardstick: { name: 'readFile', value: times.read },
            goal: { atMost: 100 },
          },
          {
            what: 'open mapped, process not started',
            value: times.starting,
            unit: 'ms',
            yardstick: { name: 'readFile', value: times.read },
          },
          { what: 'open packed', value: times.packed, unit: 'ms', yardstick: { name: 'readFile', value: times.read } },
          {
            what: 'memory after opening, mapped',
            value: mib(mapped.openedBytes),
            unit,
            yardstick: { name: 'packed', value: mib(packed.openedBytes) },
            goal: { atMost: size },
          },
          {
            what: 'peak memory, opened and run, mapped',
            value: mib(mapped.peakBytes),
            unit,
            yardstick: { name: 'packed', value: mib(packed.peakBytes) },
            goal: { atMost: 2 * size },
          },
          { what: 'peak memory of reading alone', value: mib(read.peakBytes), unit },
        ],
      }
    }),
}

const nothing: Opened = { ms: 0, openedBytes: 0, peakBytes: 0 }

function open(options: OpenOptions): Promise<Opened> {
  return inWorker(new URL('./open.js', import.meta.url), options)
}
