import { access } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Preset, preset } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { NodesError } from '../errors.js'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Adds the LoRA stack of a published DreamO version, with the settings that go with it. */
export const modelPreset = defineNode({
  type: 'model/preset',
  version: 1,
  title: 'DreamO preset',
  description:
    'Makes FLUX take references: adds the LoRAs and embeddings of DreamO v1 or v1.1 at their published weights, and gives ' +
    'the settings that go with them. Looks for DreamO/ and FLUX.1-Turbo-Alpha/ in the folder given, in the model folder ' +
    'and beside it.',
  inputs: { model: socket.model() },
  params: {
    version: p.choice(['v1', 'v1.1', 'mini'], {
      title: 'Version',
      default: 'v1.1',
      description:
        'v1.1 paints better pictures than v1, with fewer misshapen bodies. mini: the small model that comes with dreamgraph.',
    }),
    turbo: p.boolean({ title: 'Turbo', default: true, description: '12 steps instead of 25.' }),
    folder: p.text({ title: 'Folder', default: '', description: 'Where DreamO/ and FLUX.1-Turbo-Alpha/ lie.' }),
    lora: p.choice(['auto', 'branches', 'fused'], {
      title: 'LoRA as',
      default: 'auto',
      description:
        'branches: beside the weights, without copies of them. fused: added to copies, more memory and faster steps. auto: ' +
        'fused in a small model, branches in FLUX. The pictures are the same but for rounding.',
    }),
  },
  outputs: {
    model: socket.model(),
    steps: socket.int({ description: 'For DreamO sample.' }),
    guidance: socket.float({ description: 'For DreamO sample.' }),
    firstStepGuidance: socket.float({ description: 'For DreamO sample.' }),
    trueCfg: socket.float({ description: 'For DreamO sample: 3 for mini, 1, which is none, for the others.' }),
    resolution: socket.int({ description: 'For Encode reference.' }),
    textTokens: socket.int({ description: 'For Encode text.' }),
  },
  resource: 'io',
  volatile: true,
  async run({ inputs, params, ctx, services }) {
    const settings = preset(params.version, { turbo: params.turbo })
    const { folder } = inputs.model
    const given = params.folder === '' ? [] : [await services.files.resolveInput(params.folder)]
    const places = [...given, ...(folder ? [folder, dirname(folder)] : [])]
    const loras = await findLoras(settings, places)
    const withLoras = await services.models.addLoras(inputs.model, loras, {
      signal: ctx.signal,
      onProgress: ctx.progress,
    })
    return {
      model: params.lora === 'auto' ? withLoras : services.models.setLoraMode(withLoras, params.lora),
      steps: settings.steps,
      guidance: settings.guidance,
      firstStepGuidance: settings.firstStepGuidance,
      trueCfg: settings.trueCfg,
      resolution: settings.referenceResolution,
      textTokens: settings.textTokens,
    }
  },
})

async function findLoras(settings: Preset, places: readonly string[]): Promise<{ path: string; weight: number }[]> {
  const found: { path: string; weight: number }[] = []
  const missing: string[] = []
  for (const { file, weight } of settings.loras) {
    const path = await firstExisting(places.map((place) => join(place, file)))
    if (path) found.push({ path, weight })
    else missing.push(file)
  }
  if (missing.length === 0) return found
  const where = places.length > 0 ? places.join(' or ') : 'the folder that the param Folder names'
  const got = places.length > 0 ? 'nothing there' : 'a model of single files and no folder'
  throw new NodesError(
    'nodes/preset-files-missing',
    `preset ${settings.version}: expected ${missing.join(', ')} in ${where}, got ${got}`,
  )
}

async function firstExisting(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    )
    if (isThere) return path
  }
  return undefined
}
