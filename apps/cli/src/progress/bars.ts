// A bar per running node, for a person at a terminal. Everything that stays is printed above the bars, in plain words.
import type { ExecutionEvent } from '@dreamgraph/graph'
import { MultiBar, type Options, type SingleBar } from 'cli-progress'
import { plainReporter } from './plain.js'
import type { Reporter } from './reporter.js'
import { position } from './wording.js'

interface Running {
  readonly bar: SingleBar
  readonly startedAtMs: number
}

const style: Options = {
  stream: process.stderr,
  format: ' {name} {bar} {value}/{total} {label} {rate}',
  barsize: 24,
  hideCursor: true,
  clearOnComplete: true,
  linewrap: false,
  gracefulExit: false, // signals are the command's own business
}

export function barReporter(): Reporter {
  // Drawn only while some node runs: with no bar on screen, lines are printed as they are.
  let bars: MultiBar | undefined
  const running = new Map<string, Running>()

  const start = (name: string, total: number): Running => {
    bars ??= new MultiBar(style)
    const at = { bar: bars.create(total, 0, { name, rate: '', label: '' }), startedAtMs: Date.now() }
    running.set(name, at)
    return at
  }
  const stop = (): void => {
    running.clear()
    bars?.update() // prints the lines that wait
    bars?.stop()
    bars = undefined
  }
  const end = (name: string): void => {
    const at = running.get(name)
    if (!at) return
    running.delete(name)
    if (running.size === 0) stop()
    else bars?.remove(at.bar)
  }
  const plain = plainReporter((line) => {
    if (bars) bars.log(`${line}\n`)
    else process.stderr.write(`${line}\n`)
  })
  const onEvent = (event: ExecutionEvent): void => {
    switch (event.type) {
      case 'node-progress': {
        const { node, item, done, total, label = '' } = event
        const name = `${node}${position(item)}`
        const { bar, startedAtMs } = running.get(name) ?? start(name, total)
        bar.setTotal(total)
        bar.update(done, { name, label, rate: rateOf(done, Date.now() - startedAtMs) })
        return
      }
      case 'item-finished':
        end(`${event.node}${position(event.item)}`)
        break
      case 'node-finished':
      case 'node-failed':
        end(event.node)
        break
      case 'run-finished':
        stop()
        break
    }
    plain.event(event)
  }
  return { ...plain, event: onEvent, close: stop }
}

/** Units a second, once there is something to measure. */
function rateOf(done: number, elapsedMs: number): string {
  return done > 1 && elapsedMs > 100 ? `${((1000 * done) / elapsedMs).toFixed(1)}/s` : ''
}
