// Numbers for Prometheus.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export interface Gauges {
  readonly queued: () => Promise<number>
  readonly running: () => number
  readonly clients: () => number
  readonly workers: () => number
}

export function openMetrics(gauges: Gauges) {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
    new Gauge({
      name: `dreamgraph_${name}`,
      help,
      registers: [registry],
      async collect() {
        this.set(await read())
      },
    })
  gauge('jobs_queued', 'Jobs that wait', gauges.queued)
  gauge('jobs_running', 'Jobs that run', gauges.running)
  gauge('clients', 'Connected clients', gauges.clients)
  gauge('workers', 'Connected workers', gauges.workers)
  const submitted = new Counter({ name: 'dreamgraph_jobs_submitted_total', help: 'Jobs taken', registers: [registry] })
  const ended = new Counter({
    name: 'dreamgraph_jobs_ended_total',
    help: 'Jobs that ended, by how',
    labelNames: ['how'],
    registers: [registry],
  })
  const events = new Counter({ name: 'dreamgraph_events_total', help: 'Events stored', registers: [registry] })
  const seconds = new Histogram({
    name: 'dreamgraph_job_seconds',
    help: 'From the start of the last try to the end',
    buckets: [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000],
    registers: [registry],
  })
  return { registry, submitted, ended, events, seconds }
}
