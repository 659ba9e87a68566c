// Training cases: losses with their maps, gradients of each loss, and AdamW steps on two totals.
import { join } from 'node:path'
import {
  type FluxConfig,
  flowLoss,
  headsProbe,
  type LayerHeads,
  layoutTokens,
  noised,
  openComponent,
  type Parameters,
  type PlaceholderVariant,
  type Probe,
  parametersOf,
  placeholderAttention,
  placeholderLoss,
  type RoutingVariant,
  responseMaps,
  ropeTable,
  routingLoss,
  type SequenceSpans,
  Sessions,
  sequenceIds,
  sequenceSpans,
  sinusoid,
  transformer,
} from '@dreamgraph/dreamo'
import {
  add,
  concat,
  constant,
  constantInt64,
  gather,
  gradients,
  graph,
  graphInputs,
  input,
  mul,
  reshape,
  sub,
  type Tensor,
} from '@dreamgraph/onnx'
import type { Runtime, TensorData } from '@dreamgraph/runtime'
import { adamWFeeds, meanOf, squareOf, type Trainables, trainingStep, withTrainableLora } from '@dreamgraph/train'
import { openLora, rankOf, toFloat32 } from '@dreamgraph/weights'
import type { GoldenCase } from '../case-folder.js'
import type { Computed } from '../computed.js'

interface Built {
  readonly trainables: Trainables
  readonly losses: Readonly<Record<string, Tensor>>
  readonly inner: Readonly<Record<string, Tensor>>
}

export async function runTraining(golden: GoldenCase, runtime: Runtime): Promise<Computed> {
  const { params } = golden
  const start = await initialValues(golden)
  const built = await build(golden)
  const feeds = fixedFeeds(golden)
  const sessions = new Sessions(runtime)
  const computed: Computed = new Map()

  const forward = await evaluate(sessions, 'losses', { ...built.inner, ...built.losses }, { ...feeds, ...start })
  for (const [name, { data }] of Object.entries(forward)) {
    computed.set(name in built.losses ? `loss/${name}` : name, data as Float32Array)
  }
  for (const loss of ['diff', 'route_raw', 'route_softmax', 'holder_scaled']) {
    const names = [...built.trainables.keys()]
    const outputs = gradients(built.losses[loss], [...built.trainables.values()])
    const named = Object.fromEntries(outputs.map((tensor, i) => [`grad/${names[i]}`, tensor]))
    const results = await evaluate(sessions, `gradient of ${loss}`, named, { ...feeds, ...start })
    for (const name of names) computed.set(`grad/${loss}/${name}`, results[`grad/${name}`].data as Float32Array)
  }
  for (const [total, route] of [
    ['raw', 'route_raw'],
    ['softmax', 'route_softmax'],
  ]) {
    const trace = await adamWSteps(built, { total, route }, { feeds, start, sessions, optimizer: params.optimiser })
    for (const [name, values] of trace) computed.set(`adamw/${total}/${name}`, values)
  }
  return computed
}

/** Runs a graph on those of the feeds that it has inputs for. */
async function evaluate(
  sessions: Sessions,
  name: string,
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Readonly<Record<string, TensorData>>,
): Promise<Record<string, TensorData>> {
  const used = graphInputs(graph(name, outputs))
  const session = await sessions.of(`golden ${name}`, outputs)
  return session.run(Object.fromEntries(Object.entries(feeds).filter(([input]) => used.has(input))))
}

/** Runs the steps; the parameters after the last one, and the losses before each and after the last. */
async function adamWSteps(
  { trainables, losses }: Built,
  { total, route }: { total: string; route: string },
  {
    feeds,
    start,
    sessions,
    optimizer,
  }: {
    feeds: Record<string, TensorData>
    start: Record<string, TensorData>
    sessions: Sessions
    optimizer: { lr: number; betas: [number, number]; eps: number; weight_decay: number; steps: number }
  },
): Promise<Map<string, ArrayLike<number>>> {
  const config = { betas: optimizer.betas, epsilon: optimizer.eps, weightDecay: optimizer.weight_decay }
  const loss = losses[`total_${total}`]
  const { outputs, carried } = trainingStep({ loss, trainables, optimizer: config })
  const traced = { diff: losses.diff, route: losses[route], holder: losses.holder_scaled, total: loss }
  let state: Record<string, TensorData> = { ...start }
  for (const [name, { shape }] of trainables) {
    const zeros = new Float32Array(shape.reduce((n, d) => n * d, 1))
    state[meanOf(name)] = { dtype: 'float32', shape, data: zeros }
    state[squareOf(name)] = { dtype: 'float32', shape, data: zeros }
  }
  const trace: number[] = []
  for (let t = 1; t <= optimizer.steps + 1; t++) {
    const inputs = { ...feeds, ...state, ...adamWFeeds(config, t, optimizer.lr) }
    const results = await evaluate(sessions, `AdamW on ${total}`, { ...outputs, ...traced }, inputs)
    trace.push(...Object.keys(traced).map((name) => Number(results[name].data[0])))
    if (t > optimizer.steps) break
    state = Object.fromEntries(Object.entries(carried).map(([output, name]) => [name, results[output]]))
  }
  const values = [...trainables.keys()].map((name) => [name, state[name].data as Float32Array] as const)
  return new Map<string, ArrayLike<number>>([...values, ['loss_trace', trace]])
}

/** The forward graph with all losses. */
async function build(golden: GoldenCase): Promise<Built> {
  const { params } = golden
  const { config, weights } = await openComponent('transformer', join(golden.dir, params.transformer_dir))
  const lora = await openLora(join(golden.dir, 'weights', 'lora_init.safetensors'))
  const loras = [...lora.modules].map(([module, pair]) => ({
    module,
    rank: rankOf(pair),
    shape: [pair.up.shape[0], pair.down.shape[1]],
    scale: params.lora.alpha / params.lora.rank,
  }))
  const { parameters, trainables } = withTrainableLora(parametersOf(weights), loras)
  const tables = { task: golden.tensor('task_embedding').shape, idx: golden.tensor('idx_embedding').shape }
  const task = input('task_embedding', tables.task)
  const index = input('idx_embedding', tables.idx)

  const [height, width] = params.image_tokens_hw
  const size = (rows: number, columns: number): { height: number; width: number } => ({
    height: 16 * rows,
    width: 16 * columns,
  })
  const references = (params.ref_tokens_hw as [number, number][]).map(([rows, columns], i) => ({
    slot: params.ref_idx[i] as number,
    image: size(rows, columns),
  }))
  const layout = layoutTokens(size(height, width), references)
  const spans = sequenceSpans(params.text_tokens, layout)
  const t = (name: string): Tensor => input(name, golden.tensor(name).shape)
  const [x0, noise, time] = [t('x0'), t('noise'), t('t')]
  const xt = noised(x0, noise, time)
  const heads = headsProbe()
  const pred = velocity(parameters, golden, { xt, rows: rowsOf(task, index, layout) }, config, heads.probe)
  const inner = { xt, target: sub(noise, x0), pred, ...innerMaps(heads.layers(), spans, params) }
  const losses = lossesOf({ pred, x0, noise, layers: heads.layers(), spans, params, masks: t('masks') })
  const all = new Map([...trainables, ['task_embedding', task], ['idx_embedding', index]])
  return { trainables: all, losses, inner }
}

type Params = GoldenCase['params']

function velocity(
  parameters: Parameters,
  golden: GoldenCase,
  { xt, rows }: { xt: Tensor; rows: Tensor },
  config: FluxConfig,
  probe: Probe,
): Tensor {
  const t = (name: string): Tensor => input(name, golden.tensor(name).shape)
  const batch = golden.params.batch
  const tokens = golden.params.text_tokens + golden.tensor('img_ids').shape[0]
  const half = [tokens, config.headDim / 2]
  const inputs = {
    latents: concat([xt, t('ref_tokens')], { axis: 1 }),
    text: t('encoder_hidden_states'),
    pooled: t('pooled_projections'),
    timestep: input('timestep', [batch, 256]),
    guidance: input('guidance_sinusoid', [batch, 256]),
    rows,
    rotary: { cos: input('cos', half), sin: input('sin', half) },
  }
  return transformer(parameters, config, inputs, { keepTokens: xt.shape[1], probe })
}

/** Rows behind the input projection from the learnt tables: task row 1 on the image, task row 0 + index row on references. */
function rowsOf(task: Tensor, index: Tensor, { image, references }: ReturnType<typeof layoutTokens>): Tensor {
  const rowOf = (table: Tensor, row: number, count: number): Tensor =>
    gather(table, constantInt64(new Array<number>(count).fill(row)))
  const parts = references.map(({ slot, count }) => add(rowOf(task, 0, count), rowOf(index, slot, count)))
  return concat([rowOf(task, 1, image.count), ...parts], { axis: 0 })
}

function innerMaps(layers: readonly LayerHeads[], spans: SequenceSpans, params: Params): Record<string, Tensor> {
  const positions = params.placeholder_text_positions
  const holder = layers.map((heads) => {
    const perReference = spans.references.map((reference) =>
      placeholderAttention(heads, spans, reference, { positions, variant: 'scaled' }),
    )
    const all = concat(perReference, { axis: 1 })
    return reshape(all, { shape: [1, ...all.shape] })
  })
  return {
    map_raw: responseMaps(layers, spans, 'raw'),
    map_softmax: responseMaps(layers, spans, 'softmax'),
    map_softmax_full: responseMaps(layers, spans, 'softmax-full'),
    holder_prob: concat(holder, { axis: 0 }),
  }
}

function lossesOf({
  pred,
  x0,
  noise,
  layers,
  spans,
  params,
  masks,
}: {
  pred: Tensor
  x0: Tensor
  noise: Tensor
  layers: readonly LayerHeads[]
  spans: SequenceSpans
  params: Params
  masks: Tensor
}): Record<string, Tensor> {
  const positions = params.placeholder_text_positions
  const route = (variant: RoutingVariant): Tensor => routingLoss(responseMaps(layers, spans, variant), masks)
  const holder = (variant: PlaceholderVariant): Tensor => placeholderLoss(layers, spans, { positions, variant })
  const { diff: wDiff, route: wRoute, holder: wHolder } = params.lambdas
  const diff = flowLoss(pred, x0, noise)
  const losses = {
    diff,
    route_raw: route('raw'),
    route_softmax: route('softmax'),
    route_softmax_full: route('softmax-full'),
    route_minmax: route('minmax'),
    holder_scaled: holder('scaled'),
    holder_unscaled: holder('unscaled'),
    holder_text: holder('text'),
  }
  const total = (routing: Tensor): Tensor =>
    add(add(mul(diff, constant(wDiff)), mul(routing, constant(wRoute))), mul(losses.holder_scaled, constant(wHolder)))
  return { ...losses, total_raw: total(losses.route_raw), total_softmax: total(losses.route_softmax) }
}

/** What stays the same at every step. */
function fixedFeeds(golden: GoldenCase): Record<string, TensorData> {
  const floats = (data: Float32Array, shape: readonly number[]): TensorData => ({ dtype: 'float32', shape, data })
  const recorded = ['x0', 'noise', 't', 'ref_tokens', 'encoder_hidden_states', 'pooled_projections', 'masks']
  const ids = sequenceIds(golden.params.text_tokens, Int32Array.from(golden.tensor('img_ids').data))
  const rope = ropeTable(ids, golden.params.config.axes_dims_rope)
  const half = (table: Float32Array): TensorData =>
    floats(
      table.filter((_, i) => i % 2 === 0),
      [rope.tokens, rope.headDim / 2],
    )
  const { data: t, shape } = golden.tensor('t')
  return {
    ...Object.fromEntries(recorded.map((name) => [name, { dtype: 'float32', ...golden.tensor(name) } as TensorData])),
    timestep: floats(sinusoid(t), [shape[0], 256]),
    guidance_sinusoid: floats(sinusoid(golden.tensor('guidance').data), [shape[0], 256]),
    cos: half(rope.cos),
    sin: half(rope.sin),
  }
}

/** Values of the trainables before the first step. */
async function initialValues(golden: GoldenCase): Promise<Record<string, TensorData>> {
  const lora = await openLora(join(golden.dir, 'weights', 'lora_init.safetensors'))
  const values: Record<string, TensorData> = {}
  for (const [module, { down, up }] of lora.modules) {
    values[`${module}.lora_A.weight`] = { dtype: 'float32', shape: down.shape, data: await toFloat32(down) }
    values[`${module}.lora_B.weight`] = { dtype: 'float32', shape: up.shape, data: await toFloat32(up) }
  }
  for (const name of ['task_embedding', 'idx_embedding']) values[name] = { dtype: 'float32', ...golden.tensor(name) }
  return values
}
