// The program that `inWorker` forks.
import type { Work } from './worker.js'

const [module, options] = process.argv.slice(2)
const { work } = (await import(module)) as { work: Work<unknown, unknown> }
const value = await work(JSON.parse(options))
process.send?.({ value }, () => process.disconnect())
