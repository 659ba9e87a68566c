// Makes the picture beside each template, for the editor's list: node examples/pictures/draw-templates.mjs (after npm run build)
// Each template is run as it is, but by the small model that comes along, on references and captions of its own world; what
// trains is run for some steps. Names as arguments make those alone.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseWorkflow } from '@dreamgraph/graph'
import { renderSample } from '@dreamgraph/world'
import sharp from 'sharp'
import { openWorkbench } from '../../nodes/dist/index.js'

const here = fileURLToPath(new URL('../workflows', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'templates-'))
const adapter = join(here, '../../models/mini/DreamO/dreamo.safetensors')
const side = 256

/** Sample of the world whose references and caption a template is given, and what else it needs. */
const templates = {
  mini: {},
  'text-only': { task: 'text', index: 3, inputs: { guidance: 1 } },
  'many-seeds': { task: 'text', index: 9, inputs: { guidance: 1, count: 4 } },
  'one-subject': { task: 'subject', index: 9, files: ['subject'] },
  'two-subjects': { task: 'subjects', index: 17, files: ['subject1', 'subject2'] },
  'identity-and-garment': { task: 'try-on', index: 2, references: 2, files: ['garment', 'face'] },
  style: { task: 'style', index: 2, files: ['painting'] },
  'own-adapter': {
    task: 'subject',
    index: 6,
    files: ['subject'],
    inputs: { adapter, 'text-tokens': 64, resolution: 64 },
  },
  'train-three-stages': { training: { steps: 30, batch: 4, rank: 8, 'text-tokens': 64 } },
}

const bench = await openWorkbench({ home: folder, outputFolder: folder })
const chosen = process.argv.slice(2)
for (const [name, how] of Object.entries(templates)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  const picture = await pictureOf(name, how)
  await sharp(picture)
    .resize(side, side, { fit: 'contain', background: '#fff' })
    .webp({ quality: 82 })
    .toFile(join(here, `${name}.webp`))
  console.log(`written: ${name}.webp`)
}
await rm(folder, { recursive: true })
process.exit()

async function pictureOf(name, how) {
  const document = JSON.parse(await readFile(join(here, `${name}.json`), 'utf8'))
  const inputs = how.training
    ? { model: 'mini', ...how.training }
    : name === 'mini'
      ? {}
      : { model: 'mini', width: 128, height: 128, steps: 12, ...(await worldInputs(how)), ...how.inputs }
  forSmallModel(document)
  const target = how.training ? 'plot' : Object.values(document.outputs)[0].from.node
  const { value } = await bench.run(parseWorkflow(JSON.stringify(document)), {
    inputs,
    targets: [target],
    resolveInput: (path) => (path.startsWith('..') ? join(here, path) : path),
  })
  const result = value(target, 'image')
  return Array.isArray(result) ? sheetOf(result) : pngOf(result)
}

/** The small model has a preset, a length of captions and a strength of guidance of its own. */
function forSmallModel(document) {
  const { nodes, links } = document
  for (const node of Object.values(nodes)) {
    if (node.type === 'model/preset') node.params = { version: 'mini' }
    if (node.type === 'dreamo/encode-text' && !nodes.preset && !nodes.adapter)
      node.params = { ...node.params, maxTokens: 64 }
  }
  const link = (from, output, to, input) =>
    links.push({ from: { node: from, socket: output }, to: { node: to, socket: input } })
  if (nodes.nothing || !nodes.sample) return
  const model = nodes.preset ? 'preset' : nodes.adapter ? 'adapter' : 'model'
  nodes.nothing = { type: 'dreamo/encode-text', params: { text: '', maxTokens: 64 } }
  nodes.sample.params = { ...nodes.sample.params, trueCfg: 3 }
  link(model, 'model', 'nothing', 'model')
  link('nothing', 'text', 'conditions', 'negative')
}

/** The first held-out sample of a task from `index` on, with as many references as asked for. */
async function worldInputs({ task, index = 0, references, files = [] }) {
  for (; ; index++) {
    const sample = renderSample({ seed: 'templates', index, split: 'test', task, placeholders: 'always' })
    if (references !== undefined && sample.references.length !== references) continue
    const entries = await Promise.all(
      files.map(async (input, slot) => {
        const path = join(folder, `${task}-${index}-${slot}.png`)
        const use = files.length > 1 && task === 'try-on' ? (input === 'face' ? 'id' : 'ip') : undefined
        const { picture } = sample.references.find((known) => known.task === use) ?? sample.references[slot]
        const { width, height, data } = picture
        await sharp(Buffer.from(data), { raw: { width, height, channels: 3 } })
          .png()
          .toFile(path)
        return [input, path]
      }),
    )
    return { prompt: sample.caption, ...Object.fromEntries(entries) }
  }
}

function pngOf({ width, height, channels, data }) {
  return sharp(data, { raw: { width, height, channels } }).png().toBuffer()
}

/** Four pictures in a square. */
async function sheetOf(pictures) {
  const parts = await Promise.all(pictures.slice(0, 4).map(pngOf))
  const { width, height } = pictures[0]
  const background = { width: 2 * width, height: 2 * height, channels: 3, background: '#fff' }
  return sharp({ create: background })
    .composite(parts.map((input, at) => ({ input, left: (at % 2) * width, top: Math.floor(at / 2) * height })))
    .png()
    .toBuffer()
}
