// `npm run golden -- [--device cpu|webgpu|cuda] DIR…`: each DIR is a case folder or a folder of case folders.
// Prints every tensor's largest error and exits with 1 when one is beyond its tolerance. `--quantize int8` tells what few
// bits cost, in the cases that run a transformer: errors by their root mean square, which nothing is held against.
import { existsSync, readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type QuantizeScheme, quantizeSchemes } from '@dreamgraph/dreamo'
import { type Device, openRuntime } from '@dreamgraph/runtime'
import { Command, Option } from 'commander'
import type { Verdict } from './compare.js'
import { quantizedKinds, runCase } from './run-case.js'

const fixtures = fileURLToPath(new URL('../../fixtures/golden', import.meta.url))
const command = new Command('npm run golden --')
  .description('Runs folders of numbers of the official code and compares tensor by tensor. Exit code 1: one is off.')
  .argument('[dir...]', 'case folders, or folders of them', [fixtures])
  .addOption(new Option('--device <device>', 'to run on').choices(['cpu', 'webgpu', 'cuda', 'auto']).default('cpu'))
  .addOption(new Option('--quantize <scheme>', 'tell what few bits cost, instead').choices(quantizeSchemes))
  .parse()
const values = command.opts<{ readonly device: Device | 'auto'; readonly quantize?: QuantizeScheme }>()
const quantization = values.quantize && { scheme: values.quantize }
const dirs = (command.processedArgs[0] as string[]).flatMap((dir) => casesIn(resolve(dir)))
const runtime = await openRuntime({ device: values.device })
console.log(`device: ${runtime.deviceLine}`)

let [passed, failed] = [0, 0]
for (const dir of dirs) {
  try {
    if (quantization && !quantizedKinds.test(basename(dir))) continue
    const { name, verdicts } = await runCase(dir, runtime, quantization)
    if (quantization) {
      printErrors(name, verdicts)
      passed += verdicts.length
      continue
    }
    printCase(name, verdicts)
    passed += verdicts.filter((verdict) => verdict.passed).length
    failed += verdicts.filter((verdict) => !verdict.passed).length
  } catch (error) {
    console.log(`${dir}: FAILED: ${(error as Error).message}`)
    failed += 1
  }
}
await runtime.close()
if (!quantization) console.log(`\n${passed} tensors within tolerance, ${failed} beyond`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0

function casesIn(dir: string): string[] {
  const isCase = (path: string): boolean => ['case.json', 'expected.json'].some((file) => existsSync(join(path, file)))
  if (isCase(dir)) return [dir]
  if (!existsSync(dir)) throw new Error(`${dir}: expected a case folder, got nothing`)
  return readdirSync(dir)
    .map((name) => join(dir, name))
    .filter(isCase)
}

function printErrors(name: string, verdicts: readonly Verdict[]): void {
  console.log(`\n${name}: root mean square of the error over that of the tensor`)
  for (const { name: tensor, relative } of verdicts) {
    if (relative > 1e-4) console.log(`  ${tensor.padEnd(48)} ${(100 * relative).toPrecision(2)} %`)
  }
}

function printCase(name: string, verdicts: readonly Verdict[]): void {
  const worst = Math.max(...verdicts.map(({ share }) => share))
  const ok = verdicts.every((verdict) => verdict.passed)
  console.log(
    `\n${name}: ${ok ? 'ok' : 'FAILED'}, ${verdicts.length} tensors, worst at ${worst.toFixed(2)} of its tolerance`,
  )
  for (const { name: tensor, maxAbs, maxRel, atol, passed: fine, problem } of verdicts) {
    const errors = problem || `abs ${maxAbs.toExponential(1)} (atol ${atol}), rel ${maxRel.toExponential(1)}`
    console.log(`  ${fine ? 'ok  ' : 'FAIL'} ${tensor.padEnd(48)} ${errors}`)
  }
}
