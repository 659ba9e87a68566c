// A bar per running node, for a person at a terminal. Everything that stays is printed above the bars, in plain words.
import type { ExecutionEvent } from '@dreamgraph/graph'
import { MultiBar, type SingleBar } from 'cli-progress'
import { plainReporter } from './plain.js'
import type { Reporter } from './reporter.js'
import { position } from './wording.js'

interface Running {
  readonly bar: SingleBar
  readonly startedAtMs: number
}

export function barReporter(): Reporter {
  const bars = new MultiBar({
    stream: process.stderr,
    format: ' {name} {bar} {value}/{total} {rate} {label}',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    autopadding: true,
    linewrap: false,
    gracefulExit: false, // signals are the command's own business
  })
  const running = new Map<string, Running>()
  const plain = plainReporter((line) => {
    if (running.size > 0) bars.log(`${line}\n`)
    else process.stderr.write(`${line}\n`)
  })

  const onProgress = (event: ExecutionEvent & { type: 'node-progress' }): void => {
    const { node, item, done, total, label = '' } = event
    const name = `${node}${position(item)}`
    const at = running.get(name) ?? { bar: bars.create(total, 0, { name, rate: '', label }), startedAtMs: Date.now() }
    running.set(name, at)
    const seconds = (Date.now() - at.startedAtMs) / 1000
    const rate = done > 1 && seconds > 0.1 ? `${(done / seconds).toFixed(1)}/s` : ''
    at.bar.setTotal(total)
    at.bar.update(done, { name, rate, label })
  }
  const onEnd = (name: string): void => {
    const at = running.get(name)
    if (!at) return
    bars.remove(at.bar)
    running.delete(name)
  }
  const onEvent = (event: ExecutionEvent): void => {
    if (event.type === 'node-progress') onProgress(event)
    if (event.type === 'item-finished') onEnd(`${event.node}${position(event.item)}`)
    if (event.type === 'node-finished' || event.type === 'node-cached' || event.type === 'node-failed')
      onEnd(event.node)
    plain.event(event)
  }
  const close = (): void => {
    for (const name of [...running.keys()]) onEnd(name)
    bars.stop()
  }
  return {
    ...plain,
    event: onEvent,
    written(path) {
      if (running.size > 0) bars.log(`wrote ${path}\n`)
      else plain.written(path)
    },
    result(result) {
      close()
      plain.result(result)
    },
    close,
  }
}
