// Bad inputs through the real command: exit code 2, a code and a message a person can act on, and no stack trace.
import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { flow, textToPicture } from './flow.js'
import { Place } from './place.js'
import { pixelBomb, png } from './png.js'
import { zeros } from './safetensors.js'

const command = fileURLToPath(new URL('../../apps/cli/bin/dreamgraph.js', import.meta.url))

interface Outcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

function dreamgraph(place: Place, args: readonly string[]): Promise<Outcome> {
  const env = { ...process.env, DREAMGRAPH_HOME: place.home, NODE_OPTIONS: '' }
  return new Promise((done) => {
    execFile(process.execPath, [command, ...args], { cwd: place.in, env }, (error, stdout, stderr) => {
      done({ exitCode: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr })
    })
  })
}

interface Row {
  readonly name: string
  /** Arguments after `run flow.json --output ../out --device cpu`, or all of them. */
  readonly args?: readonly string[]
  readonly all?: readonly string[]
  readonly flow?: string
  readonly prepare?: (place: Place) => Promise<unknown>
  readonly code: string
  readonly says?: string
}

const loading = flow({ load: ['image/load', { file: 'cat.png' }], save: ['image/save'] }, ['load.image > save.image'])
const picture = (place: Place): Promise<unknown> => place.put('cat.png', png(4, 4))
const saving = (name: string): string =>
  flow({ load: ['image/load', { file: 'cat.png' }], save: ['image/save', { name }] }, ['load.image > save.image'])

const rows: Row[] = [
  { name: 'no such file', all: ['run', 'none.json'], code: 'store/file-unreadable', says: 'none.json' },
  { name: 'a document cut off', flow: '{"dreamgraph": 2, "nodes": {', code: 'document/not-json' },
  { name: 'a newer document', flow: '{"dreamgraph": 99, "nodes": {}}', code: 'document/newer-version', says: 'update' },
  { name: 'a key twice', flow: '{"dreamgraph": 2, "nodes": {}, "nodes": {}}', code: 'document/duplicate-key' },
  {
    name: 'a misspelt node',
    flow: flow({ a: ['image/laod'] }),
    code: 'check/unknown-type',
    says: 'did you mean "image/load"',
  },
  {
    name: 'a param out of range',
    flow: flow({ a: ['latent/noise', { width: 7 }] }),
    code: 'check/param-range',
    says: '/nodes/a/params/width',
  },
  {
    name: 'an input that is not declared',
    flow: flow({ a: ['value/int'] }),
    args: ['--input', 'steps=3'],
    code: 'check/unknown-input',
  },
  {
    name: 'text for a declared integer',
    flow: flow({ a: ['value/int'] }, [], { inputs: { steps: { type: 'int', to: [{ node: 'a', param: 'value' }] } } }),
    args: ['--input', 'steps=many'],
    code: 'cli/input-invalid',
    says: 'steps',
  },
  {
    name: 'a node to run that is not there',
    flow: flow({ noise: ['latent/noise'] }),
    args: ['--to', 'nose'],
    code: 'run/unknown-target',
    says: 'did you mean "noise"',
  },
  { name: 'no picture', flow: loading, code: 'nodes/file-missing', says: 'cat.png' },
  {
    name: 'a broken picture',
    flow: loading,
    prepare: (place) => place.put('cat.png', 'meow'),
    code: 'nodes/image-unreadable',
    says: 'cat.png',
  },
  {
    name: 'a pixel bomb',
    flow: loading,
    prepare: (place) => place.put('cat.png', pixelBomb(60_000, 60_000)),
    code: 'nodes/image-too-large',
  },
  {
    name: 'a picture saved outside',
    flow: saving('../cat'),
    prepare: picture,
    code: 'store/path-outside',
    says: '../cat',
  },
  {
    name: 'a picture saved through a link',
    flow: saving('link/cat'),
    prepare: async (place) => {
      await picture(place)
      await mkdir(join(place.folder, 'out'))
      await symlink(place.in, join(place.folder, 'out', 'link'))
    },
    code: 'store/path-outside',
  },
  { name: 'no model', flow: textToPicture('flux'), code: 'nodes/model-missing', says: 'flux' },
  {
    name: 'a model folder with nothing in it',
    flow: textToPicture('.'),
    code: 'dreamo/files-missing',
    says: 'transformer',
  },
  {
    name: 'a list of models that is damaged',
    flow: textToPicture('flux'),
    prepare: async (place) => {
      await mkdir(place.home)
      await writeFile(join(place.home, 'models.json'), '[')
    },
    code: 'nodes/registry-invalid',
    says: 'models.json',
  },
  {
    name: 'a picture without a record, verified',
    all: ['verify', 'cat.png'],
    prepare: picture,
    code: 'cli/record-missing',
    says: 'cat.png',
  },
  {
    name: 'a picture with a damaged record, verified',
    all: ['verify', 'cat.png'],
    prepare: (place) => place.put('cat.png', png(4, 4, { text: '{}' })),
    code: 'nodes/record-malformed',
  },
  {
    name: 'a node type to describe that is not there',
    all: ['nodes', 'image/laod'],
    code: 'cli/usage',
    says: 'image/laod',
  },
]

test.each(rows.map((row) => [row.name, row] as const))('%s', async (_, row) => {
  const place = await Place.open()
  try {
    await place.put('flow.json', row.flow ?? '')
    await row.prepare?.(place)
    const args = row.all ?? ['run', 'flow.json', '--output', '../out', '--device', 'cpu', ...(row.args ?? [])]
    const { exitCode, stdout, stderr } = await dreamgraph(place, args)
    expect(stderr).toContain(row.code)
    if (row.says !== undefined) expect(stderr).toContain(row.says)
    expect(stderr).toMatch(/: expected .+, got:? .+/)
    expect(`${stdout}${stderr}`).not.toMatch(/^\s+at /m)
    expect(exitCode).toBe(2)
    expect(await place.leftovers()).toEqual([])
  } finally {
    await place.close()
  }
})

test('with --json the last line on stdout is the error, and nothing else is there', async () => {
  const place = await Place.open()
  try {
    await place.put('flow.json', loading)
    const { exitCode, stdout, stderr } = await dreamgraph(place, ['run', 'flow.json', '--device', 'cpu', '--json'])
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.at(-1)).toMatchObject({ type: 'error', code: 'nodes/file-missing', node: 'load', exitCode: 2 })
    expect(`${stdout}${stderr}`).not.toMatch(/^\s+at /m)
    expect(exitCode).toBe(2)
  } finally {
    await place.close()
  }
})

test.each([
  ['a text', 'x.safetensors', 'not a checkpoint', 'weights/header-too-large'],
  [
    'the LoRA of another model',
    'x.safetensors',
    zeros({ 'lora_unet_down_blocks_0.lora_down.weight': [1, 1] }),
    'weights/lora-does-not-fit',
  ],
] as const)('models check names what is wrong with %s', async (_, name, content, code) => {
  const place = await Place.open()
  try {
    await place.put(name, content)
    const { exitCode, stdout, stderr } = await dreamgraph(place, ['models', 'check', name])
    expect(stdout).toContain(code)
    expect(`${stdout}${stderr}`).not.toMatch(/^\s+at /m)
    expect(exitCode).toBe(2)
  } finally {
    await place.close()
  }
})
