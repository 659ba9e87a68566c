// The server under load, with the load generator beside it on the same cores.
import { join } from 'node:path'
import type { Bench } from '../figure.js'
import { withScratchFolder } from '../scratch-folder.js'
import { measureDelivery } from './delivery.js'
import { measureQueue } from './queue.js'
import { serve } from './served.js'

const clients = 1000
const eventsPerSecond = 1000
const seconds = 15
const queued = 10_000

export const server: Bench = {
  name: 'server',
  title: `${clients.toLocaleString('en')} clients, and ${queued.toLocaleString('en')} waiting jobs`,
  run: () =>
    withScratchFolder(async (folder) => {
      const first = await serve(join(folder, 'delivery'))
      const delivery = await measureDelivery(first, clients, eventsPerSecond, seconds).finally(() => first.stop())
      const second = await serve(join(folder, 'queue'))
      const queue = await measureQueue(second, queued).finally(() => second.stop())
      return {
        setting: [
          `each client follows a job of its own; ${eventsPerSecond} events a second for ${seconds} s, stored before they are told`,
          'embedded database; load generator and server share the cores',
        ],
        figures: [
          { what: 'event to client, p50', value: delivery.p50Ms, unit: 'ms' },
          { what: 'event to client, p99', value: delivery.p99Ms, unit: 'ms', goal: { atMost: 50 } },
          { what: 'idle client', value: delivery.idleClientKib, unit: 'KiB', goal: { atMost: 50 } },
          { what: 'submit, p99', value: queue.submitP99Ms, unit: 'ms', goal: { atMost: 30 } },
          { what: 'list a page, p99', value: queue.listP99Ms, unit: 'ms', goal: { atMost: 30 } },
        ],
      }
    }),
}
