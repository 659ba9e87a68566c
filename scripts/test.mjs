// npm test: lint, types, then the tests. The last line of stdout is the count; lint and types count as checks of their own.
// Arguments go to vitest: npm test -- packages/graph
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { provideBrowser } from './browser.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const scratch = mkdtempSync(join(tmpdir(), 'dreamgraph-test-'))
const countsPath = join(scratch, 'counts.json')
const totals = { passed: 0, failed: 0, skipped: 0 }

check('lint', 'node_modules/@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.'])
check('types', 'node_modules/turbo/bin/turbo', ['run', 'typecheck', '--output-logs=errors-only'])
check('types of test/', 'node_modules/typescript/bin/tsc', ['-p', 'test/tsconfig.json'])
check('types of test/editor/', 'node_modules/typescript/bin/tsc', ['-p', 'test/editor/tsconfig.json'])
provideBrowser()
runTests()
rmSync(scratch, { recursive: true, force: true })

const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''
console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`)
process.exitCode = totals.failed > 0 ? 1 : 0

function check(name, program, args) {
  const isFine = run(program, args) === 0
  totals[isFine ? 'passed' : 'failed']++
  console.log(`${name}: ${isFine ? 'fine' : 'FAILED, see above'}`)
}

function runTests() {
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts/count-reporter.mjs')}`]
  const status = run('node_modules/vitest/vitest.mjs', ['run', ...reporters, ...process.argv.slice(2)])
  const counts = readCounts()
  for (const key of Object.keys(totals)) totals[key] += counts?.[key] ?? 0
  // A run that died, or that found no test at all, has failed although no test says so.
  if (status !== 0 && !counts?.failed) totals.failed++
}

function readCounts() {
  try {
    return JSON.parse(readFileSync(countsPath, 'utf8'))
  } catch {
    return undefined
  }
}

/** Runs a program of ours with Node and lets it write to our own output. Its exit status; null when a signal ended it. */
function run(program, args) {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_UI: 'false', DREAMGRAPH_COUNTS: countsPath }
  return spawnSync(process.execPath, [join(root, program), ...args], { cwd: root, stdio: 'inherit', env }).status
}
