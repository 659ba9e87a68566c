// One opened part of a model: its config and its weights, matched before anything runs.
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { input, type Tensor } from '@dreamgraph/onnx'
import {
  assertMatch,
  type Component as Checkpoint,
  type MatchReport,
  matchWeights,
  openClip,
  openT5,
  openTransformer,
  openVae,
  type WeightSet,
} from '@dreamgraph/weights'
import {
  type ClipConfig,
  type FluxConfig,
  parseClipConfig,
  parseFluxConfig,
  parseT5Config,
  parseVaeConfig,
  type T5Config,
  type VaeConfig,
} from './configs.js'
import { DreamoError } from './errors.js'
import { inferClipConfig, inferFluxConfig, inferT5Config, inferVaeConfig } from './infer-configs.js'
import { declaredParameters, type ParameterShape, type Parameters } from './parameters.js'
import { clipTokenTable, encodeClip } from './text/clip.js'
import { encodeT5, t5TokenTable } from './text/t5.js'
import { type TransformerInputs, transformer } from './transformer/transformer.js'
import { decodeImage } from './vae/decoder.js'
import { encodeImage } from './vae/encoder.js'

export interface Component<C> {
  readonly config: C
  readonly weights: WeightSet
  /** Absolute paths of the checkpoint files. */
  readonly files: readonly string[]
  readonly report: MatchReport
}

/** How to open, read and declare one kind of component. */
interface Kind<C> {
  readonly open: (path: string) => Promise<Checkpoint>
  /** Whether weights may lie in blocks of GGUF, which then have to be laid out anew. */
  readonly blocks?: 'allow'
  readonly parse: (json: unknown, where: string) => C
  readonly infer: (weights: WeightSet, where: string) => Record<string, unknown>
  /** Builds the model once, over any small sizes, so that it asks for every weight it has. */
  readonly build: (parameters: Parameters, config: C) => void
}

const kinds = {
  transformer: {
    open: openTransformer,
    blocks: 'allow',
    parse: parseFluxConfig,
    infer: inferFluxConfig,
    build: (p: Parameters, config: FluxConfig) => void transformer(p, config, smallestInputs(config)),
  },
  vae: {
    open: openVae,
    parse: parseVaeConfig,
    infer: inferVaeConfig,
    build(p: Parameters, config: VaeConfig) {
      encodeImage(p, config, input('image', [1, config.inChannels, 4 * config.downscale, 4 * config.downscale]))
      decodeImage(p, config, input('latents', [1, config.latentChannels, 4, 4]))
    },
  },
  clip: {
    open: openClip,
    parse: parseClipConfig,
    infer: inferClipConfig,
    build(p: Parameters, config: ClipConfig) {
      p.weight(clipTokenTable, [config.vocabSize, config.hiddenSize])
      encodeClip(p, config, input('tokens', [1, config.maxTokens, config.hiddenSize]))
    },
  },
  t5: {
    open: openT5,
    parse: parseT5Config,
    infer: inferT5Config,
    build(p: Parameters, config: T5Config) {
      p.weight(t5TokenTable, [config.vocabSize, config.hiddenSize])
      encodeT5(p, config, input('tokens', [1, 2, config.hiddenSize]))
    },
  },
} satisfies { transformer: Kind<FluxConfig>; vae: Kind<VaeConfig>; clip: Kind<ClipConfig>; t5: Kind<T5Config> }

export type ComponentKind = keyof typeof kinds
export type ConfigOf<K extends ComponentKind> = ReturnType<(typeof kinds)[K]['parse']>

/**
 * Opens a component from a folder or a file, reads or infers its config and matches its weights.
 * Throws the weights' errors (weights/does-not-match names the first keys), dreamo/config-*.
 */
export async function openComponent<K extends ComponentKind>(kind: K, path: string): Promise<Component<ConfigOf<K>>> {
  const component = await checkComponent(kind, path)
  assertMatch(component.report, path)
  return component
}

/** As openComponent, but a bad match is reported instead of thrown. */
export async function checkComponent<K extends ComponentKind>(kind: K, path: string): Promise<Component<ConfigOf<K>>> {
  const { open, parse, infer, blocks } = kinds[kind] as unknown as Kind<ConfigOf<K>>
  const { weights, files } = await open(path)
  const configPath = await configBeside(path, files)
  const config = configPath
    ? parse(await readJson(configPath), configPath)
    : parse(infer(weights, path), `${path} (config read off its shapes)`)
  return { config, weights, files, report: matchWeights(expectedWeights(kind, config), weights, { blocks }) }
}

/** Names and shapes of every weight that a component of this config has. */
export function expectedWeights<K extends ComponentKind>(kind: K, config: ConfigOf<K>): ParameterShape[] {
  const { build } = kinds[kind] as unknown as Kind<ConfigOf<K>>
  return declaredParameters((p) => build(p, config))
}

/** config.json of a component folder. A single file has one only if it is the standard file of such a folder. */
async function configBeside(path: string, files: readonly string[]): Promise<string | undefined> {
  const standard = /^(diffusion_pytorch_model|model)([.-].*)?\.safetensors$/
  const folder = standard.test(basename(files[0] ?? '')) ? dirname(files[0]) : path
  const config = join(folder, 'config.json')
  return readFile(config).then(
    () => config,
    () => undefined,
  )
}

/** Reads a JSON file. Throws dreamo/config-invalid. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    const { message } = error as Error
    throw new DreamoError('dreamo/config-invalid', `${path}: expected a JSON file, got ${message}`, { cause: error })
  }
}

function smallestInputs(config: FluxConfig): TransformerInputs {
  const of = (name: string, shape: number[]): Tensor => input(name, shape)
  return {
    latents: of('latents', [1, 1, config.inChannels]),
    text: of('text', [1, 1, config.jointDim]),
    pooled: of('pooled', [1, config.pooledDim]),
    timestep: of('timestep', [1, 256]),
    ...(config.guidanceEmbeds ? { guidance: of('guidance', [1, 256]) } : {}),
    rotary: { cos: of('cos', [2, config.headDim / 2]), sin: of('sin', [2, config.headDim / 2]) },
  }
}
