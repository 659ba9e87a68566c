import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildProgram } from './program.js'
import { jsonLines, openPlace, type Place, repository, small } from './testing/command.js'

const textOnly = join(repository, 'examples/workflows/text-only.json')
let place: Place

beforeAll(async () => {
  place = await openPlace()
  await place.run(['models', 'make-random', 'model'])
})
afterAll(() => place.remove())

/** What `--help` prints of a command, without a process for it. */
function helpOf(name: string): string {
  let text = ''
  const command = buildProgram().commands.find((one) => one.name() === name)!
  command.configureOutput({ writeOut: (more) => (text += more) }).outputHelp()
  return text
}

describe('help', () => {
  test('of each command shows examples', async () => {
    const { code, stdout } = await place.run(['run', '--help'])
    expect([code, stdout]).toEqual([0, helpOf('run')])
    const names = [
      'run',
      'validate',
      'explain',
      'verify',
      'upgrade',
      'import',
      'train',
      'eval',
      'nodes',
      'models',
      'cache',
    ]
    for (const name of names) expect(helpOf(name), name).toContain('Examples:')
  })

  test.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['run'], "missing required argument 'file'"],
    [['run', textOnly, '--device', 'abacus'], 'auto, cpu, webgpu, cuda'],
    [['run', textOnly, '--input', 'steps'], 'expected name=value'],
    [['cache', '--everything'], "unknown option '--everything'"],
  ])('%j is a usage error', async (args, message) => {
    const { code, stdout, stderr } = await place.run(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
    expect(jsonLines((await place.run([...args, '--json'])).stdout).at(-1)).toMatchObject({ code: 'cli/usage' })
  })

  test('--version prints the version', async () => {
    const { version } = JSON.parse(await readFile(join(repository, 'apps/cli/package.json'), 'utf8'))
    expect(await place.run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })
})

describe('validate', () => {
  test('a workflow is valid without the values that a run needs', async () => {
    const { code, stdout, stderr } = await place.run(['validate', textOnly])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^ {2}steps +int +default 25 +More steps, finer detail\.$/m)
    expect(stdout).toMatch(/^ {2}model +text +no default /m)
    expect(stdout.endsWith(`${textOnly}: valid, 0 errors, 0 warnings\n`)).toBe(true)
  })

  test('lists every error and warning, with suggestions', async () => {
    const workflow = JSON.parse(await readFile(textOnly, 'utf8'))
    workflow.nodes.sample.params = { stepz: 3 }
    workflow.nodes.decode.type = 'vae/decod'
    workflow.nodes.lonely = { type: 'value/int', version: 1 }
    await writeFile(join(place.folder, 'wrong.json'), JSON.stringify(workflow))
    const { code, stdout } = await place.run(['validate', 'wrong.json'])
    expect(code).toBe(2)
    expect(stdout).toContain('error check/unknown-param')
    expect(stdout).toContain('(did you mean "steps"?)')
    expect(stdout).toContain('error check/unknown-type')
    expect(stdout).toContain('(did you mean "vae/decode"?)')
    const [verdict] = jsonLines((await place.run(['validate', 'wrong.json', '--json'])).stdout)
    expect(verdict).toMatchObject({ ok: false, warnings: [] })
    expect((verdict!.errors as { path: string }[]).map(({ path }) => path)).toContain('/nodes/decode/type')
  })

  test.each([
    ['no JSON', '{"dreamgraph": 2,', 'document/not-json'],
    ['another kind of JSON', '[]', 'document/not-a-workflow'],
    ['a key twice', '{"dreamgraph": 2, "nodes": {"a": {}, "a": {}}}', 'document/duplicate-key'],
    ['a later version', '{"dreamgraph": 99, "nodes": {}}', 'document/newer-version'],
  ])('%s', async (_, text, code) => {
    await writeFile(join(place.folder, 'odd.json'), text)
    const ended = await place.run(['validate', 'odd.json'])
    expect(ended.code).toBe(2)
    expect(ended.stdout).toContain(`error ${code}`)
  })
})

test('explain tells before a run that all runs, after it what is cached, and what a change brings; it writes nothing', async () => {
  const args = [textOnly, '--input', 'model=model', ...small]
  const statuses = async (...more: string[]) => {
    const { stdout } = await place.run(['explain', ...args, ...more, '--json'])
    const { nodes } = jsonLines(stdout)[0] as { nodes: { id: string; status: string; why: string[] }[] }
    return Object.fromEntries(nodes.map(({ id, status, why }) => [id, [status, ...why]]))
  }
  const before = await statuses()
  expect(Object.values(before).every(([status, why]) => status === 'ran' && why === 'never ran before')).toBe(true)
  expect(await readdir(place.folder)).not.toContain('out')
  await place.run(['run', ...args])
  const after = await statuses()
  expect([after.prompt, after.sample, after.decode]).toEqual([['cached'], ['cached'], ['cached']])
  expect(after.save).toEqual(['ran', 'has an effect, so it always runs'])
  const changed = await statuses('--input', 'guidance=2')
  expect(changed.prompt).toEqual(['cached'])
  expect(changed.sample).toEqual(['ran', 'param guidance changed 3.5 → 2'])
  expect(changed.decode).toEqual(['ran', 'input latent has new content (from sample)'])
  expect(await readdir(join(place.folder, 'out'))).toHaveLength(1)
  const { stdout } = await place.run(['explain', ...args])
  expect(stdout).toMatch(/^sample +dreamo\/sample +cached on disk +latent: 8×8 latents, 16 tokens; routing: no maps$/m)
})

test('upgrade rewrites an old workflow in the newest form, once, and refuses what is none', async () => {
  const file = join(place.folder, 'old.json')
  await writeFile(file, '{"dreamgraph": 1,  "nodes": {"a": {"type": "value/int"}}, "x-kept": 1e3}\n')
  expect((await place.run(['upgrade', 'old.json'])).stdout).toBe('old.json: upgraded\n')
  const text = await readFile(file, 'utf8')
  expect(text).toContain('"dreamgraph": 2,  "nodes"')
  expect(text).toContain('"x-kept": 1e3')
  expect((await place.run(['upgrade', 'old.json'])).stdout).toBe('old.json: new already\n')
  await writeFile(file, '[]')
  expect(await place.run(['upgrade', 'old.json'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('error document/not-a-workflow'),
  })
})

describe('nodes', () => {
  test('lists all, an area, or describes one', async () => {
    expect((await place.run(['nodes'])).stdout).toMatch(/^dreamo\/sample {2,}\S/m)
    const area = (await place.run(['nodes', 'latent'])).stdout
    expect(
      area
        .trimEnd()
        .split('\n')
        .every((line) => line.startsWith('latent/')),
    ).toBe(true)
    const one = (await place.run(['nodes', 'dreamo/sample'])).stdout
    expect(one).toMatch(/^ {2}steps +int +1 … 1000, default 12 /m)
    const [described] = jsonLines((await place.run(['nodes', 'dreamo/sample', '--json'])).stdout)
    expect(described).toEqual([expect.objectContaining({ type: 'dreamo/sample' })])
  })

  test('an unknown type is a usage error', async () => {
    expect(await place.run(['nodes', 'dreamo/simple'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cli/usage'),
    })
  })
})

describe('models', () => {
  test('a name is added, used, checked and forgotten', async () => {
    const mini = `mini  ${join(repository, 'models/mini')}\n`
    expect((await place.run(['models', 'list'])).stdout).toBe(mini)
    expect(await place.run(['models', 'add', 'tiny', 'model'])).toMatchObject({ code: 0 })
    expect((await place.run(['models', 'list'])).stdout).toBe(`${mini}tiny  ${join(place.folder, 'model')}\n`)
    expect(await place.run(['run', textOnly, '--input', 'model=tiny', ...small])).toMatchObject({ code: 0 })
    expect(await place.run(['models', 'check', 'tiny'])).toMatchObject({ code: 0 })
    expect(await place.run(['models', 'remove', 'tiny'])).toMatchObject({ code: 0 })
    expect(await place.run(['models', 'remove', 'tiny'])).toMatchObject({ code: 2 })
    const { code, stderr } = await place.run(['models', 'remove', 'mini'])
    expect(code).toBe(2)
    expect(stderr).toContain('comes with dreamgraph')
  })

  test('what is not a model gets no name', async () => {
    await mkdir(join(place.folder, 'empty'))
    const { code, stderr } = await place.run(['models', 'add', 'empty', 'empty'])
    expect(code).toBe(2)
    expect(stderr).toContain('error dreamo/files-missing')
    expect((await place.run(['models', 'list'])).stdout).not.toContain('empty')
  })

  test('check reports part by part what is missing, broken and lacking for presets', async () => {
    const folder = join(place.folder, 'broken')
    await place.run(['models', 'make-random', folder])
    await truncate(join(folder, 'vae/diffusion_pytorch_model.safetensors'), 5000)
    await rm(join(folder, 'text_encoder'), { recursive: true })
    await rm(join(folder, 'DreamO/v1.1/dreamo_dpo_lora.safetensors'))
    const { code, stdout } = await place.run(['models', 'check', folder, '--json'])
    expect(code).toBe(2)
    const report = jsonLines(stdout)[0] as Record<
      string,
      { part: string; name: string; state: string; ready: boolean }[]
    >
    const states = Object.fromEntries(report.parts!.map(({ part, state }) => [part, state]))
    expect(states).toMatchObject({ transformer: 'fits', vae: 'wrong', clip: 'absent', t5: 'fits' })
    const ready = Object.fromEntries(report.presets!.map((preset) => [preset.name, preset.ready]))
    expect(ready).toEqual({ 'v1 with turbo': true, v1: true, 'v1.1 with turbo': false, 'v1.1': false, mini: true })
    expect((await place.run(['models', 'check', folder])).stdout).toContain(
      'preset v1.1: lacks DreamO/v1.1/dreamo_dpo_lora.safetensors',
    )
  })

  test('check reads a single file by its keys', async () => {
    const lora = await place.run(['models', 'check', 'model/DreamO/dreamo.safetensors'])
    expect(lora.code).toBe(0)
    expect(lora.stdout).toContain("28 modules, xlabs keys, DreamO's embeddings")
    const vae = await place.run(['models', 'check', 'model/vae/diffusion_pytorch_model.safetensors'])
    expect(vae.stdout).toMatch(/^vae +fits/)
  })

  test('check without a name reports on every model that has one: the mini model, and one whose folder is gone', async () => {
    const folder = join(place.folder, 'gone')
    await place.run(['models', 'make-random', folder])
    await place.run(['models', 'add', 'gone', folder])
    await rm(folder, { recursive: true })
    const { code, stdout } = await place.run(['models', 'check', '--json'])
    expect(code).toBe(2)
    const [mini, gone] = jsonLines(stdout) as { path: string; ok: boolean; presets: object[]; parts: object[] }[]
    expect(mini).toMatchObject({ path: join(repository, 'models/mini'), ok: true })
    expect(mini!.presets).toContainEqual({ name: 'mini', ready: true, missing: [] })
    expect(gone).toMatchObject({ path: folder, ok: false })
    expect(gone!.parts).toContainEqual(expect.objectContaining({ part: 'transformer', state: 'absent' }))
    const text = (await place.run(['models', 'check'])).stdout
    expect(text).toContain('preset mini: ready')
    expect(text).toContain(`${folder}: does not fit, see above`)
    await place.run(['models', 'remove', 'gone'])
  })

  test('make-random leaves a folder that holds something alone', async () => {
    expect(await place.run(['models', 'make-random', 'model'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cli/folder-not-empty'),
    })
  })
})

test('cache says how much it holds and forgets it', async () => {
  await place.run(['run', textOnly, '--input', 'model=model', ...small, '--quantize', 'int8'])
  const stats = async () => jsonLines((await place.run(['cache', 'stats', '--json'])).stdout)[0]!
  expect(await stats()).toMatchObject({ entries: expect.toSatisfy((count) => count > 0), quantized: { models: 1 } })
  expect((await place.run(['cache', 'clear'])).stdout).toMatch(/^removed \d+ results, .*\nremoved 1 quantized model, /)
  const folder = join(place.folder, 'home/cache')
  expect(await stats()).toEqual({ folder, entries: 0, sizeBytes: 0, quantized: { models: 0, sizeBytes: 0 } })
  expect((await place.run(['cache'])).stdout).toContain('0 results, 0 bytes')
})
