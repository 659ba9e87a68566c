import { spawn } from 'node:child_process'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, parse, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { openRuntime, type Runtime } from './runtime.js'
import { adder, float32, slow, source } from './testing/models.js'

const feeds = { x: float32([1, 2], 1, 2), b: float32([2], 10, 20) }
const sum = { y: float32([1, 2], 11, 22) }

let runtime: Runtime
afterEach(() => runtime?.close())

function killChild(signal: NodeJS.Signals): void {
  process.kill(runtime.status().childPid!, signal)
}

function gone(pid: number): boolean {
  try {
    return !process.kill(pid, 0)
  } catch {
    return true
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe('the child dies', () => {
  it('while idle: the next run loads and binds again, unseen', async () => {
    runtime = await openRuntime({ device: 'cpu' })
    const session = runtime.session(adder())
    await session.bind({ b: feeds.b })
    killChild('SIGKILL')
    await until(() => runtime.status().childPid === undefined)
    expect(runtime.status().sessions).toEqual([])
    expect(await session.run({ x: feeds.x })).toEqual(sum)
  })

  it('while idle, and the run comes before the news of it', async () => {
    runtime = await openRuntime({ device: 'cpu' })
    const session = runtime.session(adder())
    await session.load()
    killChild('SIGKILL')
    const first = await session.run(feeds).catch((error: unknown) => error)
    expect([sum, expect.objectContaining({ code: 'runtime/child-died' })]).toContainEqual(first)
    expect(await session.run(feeds)).toEqual(sum)
  })

  it.each(['SIGKILL', 'SIGSEGV'] as const)('by %s in a run: a typed error, and the next run works', async (signal) => {
    const lines: string[] = []
    runtime = await openRuntime({ device: 'cpu', onLog: (line) => lines.push(line) })
    const session = runtime.session(slow('run'))
    await session.load()
    const run = session.run({ x: float32([1, 1], 0) })
    setTimeout(() => killChild(signal), 300)
    await expect(run).rejects.toMatchObject({
      code: 'runtime/child-died',
      userFault: true,
      message: expect.stringMatching(new RegExp(`^slow run, run: .*signal ${signal}`)),
    })
    expect(await runtime.session(adder()).run(feeds)).toEqual(sum)
  })

  it.runIf(process.platform === 'linux')('because a mapped file shrank: the error says so', async () => {
    runtime = await openRuntime({ device: 'cpu' })
    const folder = await mkdtemp(join(tmpdir(), 'runtime-death-'))
    const file = join(folder, 'weights.bin')
    const side = 512
    await writeFile(file, new Uint8Array(side * side * 4))
    const location = relative(parse(file).root, file)
    const model = source('shrinking', {
      inputs: [{ name: 'x', type: 'float32', shape: [1, side] }],
      outputs: [{ name: 'y', type: 'float32', shape: [1, side] }],
      initializers: [
        { name: 'w', type: 'float32', shape: [side, side], data: { location, offset: 0, length: side * side * 4 } },
      ],
      nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    })
    const session = runtime.session(model, { weights: 'mapped' })
    await session.load()
    await truncate(file, 0)
    const run = session.run({ x: { dtype: 'float32', shape: [1, side], data: new Float32Array(side) } })
    await expect(run).rejects.toMatchObject({ code: 'runtime/child-died', message: expect.stringContaining('shorter') })
    await rm(folder, { recursive: true })
  })

  it('at start: the error carries its last lines', async () => {
    runtime = await openRuntime({
      device: 'cpu',
      env: { ...process.env, NODE_OPTIONS: '--require=./absent-module.cjs' },
    })
    const load = runtime.session(adder()).load()
    await expect(load).rejects.toMatchObject({
      code: 'runtime/child-died',
      message: expect.stringMatching(/exit code 1[\s\S]*absent-module/),
    })
  })
})

describe('the parent dies', () => {
  it.runIf(process.platform !== 'win32')('by kill -9 in the middle of a run: the child follows', async () => {
    const program = fileURLToPath(new URL('./testing/busy-parent.mjs', import.meta.url))
    const model = Buffer.from(slow('run').bytes).toString('base64')
    const parent = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
    parent.stdin.end(model)
    const [childPid] = await new Promise<number[]>((resolve) =>
      createInterface(parent.stdout).once('line', (line) => resolve([Number(line)])),
    )
    parent.kill('SIGKILL')
    await until(() => gone(childPid!))
  })

  it('by its own end: an idle runtime keeps no program alive', async () => {
    const index = new URL('../dist/index.js', import.meta.url).href
    const code = `
      const { openRuntime } = await import(${JSON.stringify(index)})
      const bytes = Buffer.from(${JSON.stringify(Buffer.from(adder().bytes).toString('base64'))}, 'base64')
      const runtime = await openRuntime({ device: 'cpu' })
      await runtime.session({ name: 'adder', bytes, weightBytes: 0, peakActivationBytes: 0 }).load()
      console.log(runtime.status().childPid)`
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    parent.stdout.on('data', (chunk) => {
      output += chunk
    })
    expect(await new Promise((resolve) => parent.once('close', resolve))).toBe(0)
    await until(() => gone(Number(output)))
  })
})
