// A vitest reporter that hands the totals of a run to scripts/test.mjs, through the file named in DREAMGRAPH_COUNTS.
import { writeFileSync } from 'node:fs'

export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      // Errors of a module or suite itself: it did not load, or a hook threw and its tests never ran.
      counts.failed += module.errors().length
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        counts[state === 'passed' || state === 'failed' ? state : 'skipped']++
      }
    }
    // biome-ignore lint/suspicious/noUndeclaredEnvVars: never part of a turbo task
    writeFileSync(process.env.DREAMGRAPH_COUNTS, JSON.stringify(counts))
  }
}
