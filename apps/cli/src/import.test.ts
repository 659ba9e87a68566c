import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPlace, type Place, repository } from './testing/command.js'

let place: Place
beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.remove())

const fixture = (name: string) => join(repository, `packages/comfy/src/testing/fixtures/${name}.json`)

/** A tEXt chunk as Pillow writes it. */
function textChunk(keyword: string, text: string): Buffer {
  const body = Buffer.from(`tEXt${keyword}\0${text}`, 'latin1')
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(body.length - 4)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), body.length + 4)
  return chunk
}

async function picture(texts: Record<string, string>): Promise<string> {
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
    .png()
    .toBuffer()
  const file = join(place.folder, 'ComfyUI_00001_.png')
  const chunks = Object.entries(texts).map(([keyword, text]) => textChunk(keyword, text))
  await writeFile(file, Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)]))
  return file
}

test('a workflow file becomes a workflow that validates, with a report of each node', async () => {
  const { code, stdout, stderr } = await place.run([
    'import',
    fixture('dreamo-v1.1'),
    '-o',
    'flow.json',
    '--model',
    'mini',
  ])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(
    /^guessed +45 +LoraLoaderModelOnly +model\/preset v1\.1 +dreamo_dpo_lora\.safetensors at 1\.25 there, 1\.2 in the flow$/m,
  )
  expect(stdout).toMatch(
    /: 19 mapped, 4 guessed, 0 refused; inputs model, prompt, reference1, seed, width, height, steps, guidance, name\nwritten flow\.json\n$/,
  )
  const text = await readFile(join(place.folder, 'flow.json'), 'utf8')
  expect(text).toContain('"name": "dreamo-v1.1"')
  expect(text).toContain('"default": "11980469406460273604"')
  expect(text).toContain('"default": "mini"')
  const validated = await place.run(['validate', 'flow.json'])
  expect(validated.stdout).toContain('flow.json: valid, 0 errors, 0 warnings')
})

test('without --out the workflow is all that stands on stdout', async () => {
  const { code, stdout, stderr } = await place.run(['import', fixture('flux-ksampler')])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ dreamgraph: 2, name: 'flux-ksampler' })
  expect(stderr).toContain('samples with euler, not with dpmpp_2m')
})

test('a picture gives the prompt that painted it, in the places of its workflow', async () => {
  const file = await picture({
    prompt: (await readFile(fixture('flux-ksampler'), 'utf8')).replace('"cfg": 3', '"cfg": 3, "is_changed": [NaN]'),
    workflow: await readFile(fixture('dreamo-v1'), 'utf8'),
  })
  const { code, stdout } = await place.run(['import', file, '--json'])
  expect(code).toBe(0)
  const { workflow, report } = JSON.parse(stdout)
  expect(workflow).toMatchObject({ name: 'ComfyUI_00001_', notes: [{ text: 'LoRAs go to models/loras.' }] })
  expect(report).toContainEqual({
    kind: 'guessed',
    node: '3',
    class: 'KSampler',
    what: 'dreamo/sample',
    why: 'samples with euler, not with dpmpp_2m',
    nodes: ['conditions', 'sample'],
  })
  expect((await place.run(['import', await picture({ workflow: '{"nodes": []}' })])).stderr).toContain(
    'comfy/nothing-to-import',
  )
})

test('what cannot be imported is exit code 2, with a code and what is wrong', async () => {
  const failed = async (...args: string[]) => {
    const { code, stderr } = await place.run(['import', ...args])
    expect(code).toBe(2)
    return stderr
  }
  const write = async (text: string) => {
    await writeFile(join(place.folder, 'odd.json'), text)
    return 'odd.json'
  }
  expect(await failed('none.json')).toContain('cli/file-unreadable')
  expect(await failed(await write('{"1": {"class_type": "A"} "2"'))).toContain('comfy/not-json')
  expect(await failed(await write('{"dreamgraph": 2, "nodes": {}}'))).toContain('got "a dreamgraph document"')
  expect(await failed(await write('{"1": {"class_type": 5}}'))).toContain(
    'ComfyUI file /1/class_type: expected string, got 5',
  )
  expect(await failed(await picture({ other: 'x' }))).toContain('cli/record-missing')
  expect(await failed('odd.json', '-o', './odd.json')).toContain('cli/usage')
  const { stdout } = await place.run(['import', await write('[]'), '--json'])
  expect(JSON.parse(stdout)).toMatchObject({ type: 'error', code: 'comfy/not-comfy', exitCode: 2 })
})
