import { Client, Workflow } from '@stable-canvas/comfyui-client'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type ExampleClient, exampleClient } from './testing/example-client.js'
import { openPlace, type Place } from './testing/place.js'
import { dreamoPrompt, plainPrompt, upload } from './testing/prompts.js'

const timeout = 240_000
let place: Place
beforeAll(async () => {
  place = await openPlace()
}, timeout)
afterAll(() => place?.close(), timeout)

const getJson = async (path: string) => (await fetch(place.url + path)).json()

describe('a client like ComfyUI’s own example', () => {
  let client: ExampleClient
  let promptId: string
  beforeAll(async () => {
    client = await exampleClient(place.url)
  })
  afterAll(() => client.close())

  test('gets its picture', { timeout }, async () => {
    const { prompt_id, number, node_errors } = await client.queue(plainPrompt())
    promptId = prompt_id
    expect([typeof number, node_errors]).toEqual(['number', {}])
    await client.wait(prompt_id)
    const { 9: [png] = [] } = await client.images(prompt_id)
    const { format, width, height } = await sharp(png).metadata()
    expect([format, width, height]).toEqual(['png', 128, 128])
  })

  test('is told of it in the words and the order of ComfyUI', async () => {
    const types = client.texts.map(({ type }) => type)
    expect(types[0]).toBe('status')
    expect(client.texts[0]!.data).toEqual({ status: { exec_info: { queue_remaining: 0 } }, sid: client.clientId })
    const about = client.texts.filter(({ data }) => data.prompt_id === promptId)
    expect(about.map(({ type }) => type).slice(0, 3)).toEqual(['execution_start', 'execution_cached', 'executing'])
    expect(about.map(({ type }) => type).slice(-2)).toEqual(['execution_success', 'executing'])
    const executing = about.filter(({ type }) => type === 'executing').map(({ data }) => data.node)
    expect(executing).toEqual(expect.arrayContaining(['1', '4', '7', '8', '9', null]))
    const progress = about.filter(({ type }) => type === 'progress').map(({ data }) => data)
    expect(progress).toContainEqual({ value: 2, max: 2, prompt_id: promptId, node: '7' })
    const { nodes } = about.filter(({ type }) => type === 'progress_state').at(-1)!.data
    expect(nodes['7']).toEqual({
      ...{ value: 2, max: 2, state: 'finished', node_id: '7', prompt_id: promptId },
      ...{ display_node_id: '7', parent_node_id: null, real_node_id: '7' },
    })
    const [executed] = about.filter(({ type }) => type === 'executed')
    expect(executed!.data).toMatchObject({ node: '9', display_node: '9', output: { images: [{ type: 'output' }] } })
    const left = client.texts.filter(({ type }) => type === 'status').map(({ data }) => data.status.exec_info)
    expect(left.map(({ queue_remaining }) => queue_remaining)).toEqual([0, 1, 0])
  })

  test('sees previews of the steps, as bytes that it can skip', () => {
    for (const bytes of client.binaries) expect([bytes.readUInt32BE(0), bytes.readUInt32BE(4)]).toEqual([1, 1])
  })

  test('finds prompt, outputs and messages in the history', async () => {
    const { [promptId]: entry } = (await getJson(`/api/history/${promptId}`)) as never
    const { prompt, status, outputs, meta } = entry as Record<string, never>
    expect(prompt).toEqual([expect.any(Number), promptId, plainPromptRead, { client_id: client.clientId }, ['9']])
    expect(status).toMatchObject({ status_str: 'success', completed: true })
    expect((status as { messages: [string][] }).messages.map(([type]) => type)).toEqual([
      ...['execution_start', 'execution_cached', 'execution_success'],
    ])
    const subfolder = `${promptId}/tests`
    expect(outputs).toEqual({ 9: { images: [{ filename: 'teapot-0001.png', subfolder, type: 'output' }] } })
    expect(Object.keys(meta)).toEqual(['9'])
    expect(await getJson(`/v1/jobs/${promptId}`)).toMatchObject({
      title: 'the teapot on the beach (mini for flux1-dev.safetensors)',
    })
  })

  test('a second run comes from the cache, and says so', { timeout }, async () => {
    const { prompt_id } = await client.queue(plainPrompt())
    await client.wait(prompt_id)
    const cached = client.texts.filter(({ type, data }) => type === 'execution_cached' && data.prompt_id === prompt_id)
    expect(cached.flatMap(({ data }) => data.nodes)).toEqual(expect.arrayContaining(['7', '8']))
  })

  test('a failing node is told with its id and class, and ends the waiting', { timeout }, async () => {
    const prompt = plainPrompt()
    prompt[10] = { class_type: 'LoraLoaderModelOnly', inputs: { model: ['1', 0], lora_name: 'no.safetensors' } }
    Object.assign(prompt[10].inputs, { strength_model: 1 })
    prompt[7]!.inputs.model = ['10', 0]
    const { prompt_id } = await client.queue(prompt)
    await client.wait(prompt_id)
    const [error] = client.texts.filter(({ type, data }) => type === 'execution_error' && data.prompt_id === prompt_id)
    expect(error!.data).toMatchObject({ node_id: '10', node_type: 'LoraLoaderModelOnly' })
    expect(error!.data.exception_message).toContain('no.safetensors')
    const { [prompt_id]: entry } = (await getJson(`/history/${prompt_id}`)) as never
    expect(entry).toMatchObject({ outputs: {}, status: { status_str: 'error', completed: false } })
  })
})

/** As the reader of prompts gives it back. */
const plainPromptRead = JSON.parse(JSON.stringify(plainPrompt()))

test('two uploaded references with DreamO: a picture, and what was shown', { timeout }, async () => {
  const pictures = [await upload(place.url, { name: 'mini-teapot.png', as: 'teapot.png' })]
  pictures.push(await upload(place.url, { name: 'mini-robot.png', as: 'robot.png', subfolder: 'toys' }))
  expect(pictures).toEqual([
    { name: 'teapot.png', subfolder: '', type: 'input' },
    { name: 'robot.png', subfolder: 'toys', type: 'input' },
  ])
  const client = await exampleClient(place.url, { flags: { supports_preview_metadata: true } })
  const prompt = dreamoPrompt(['teapot.png', 'toys\\robot.png'], { steps: 4 })
  const workflow = { nodes: [], links: [], note: 'mine' }
  const { prompt_id } = await client.queue(prompt, { extra_data: { extra_pnginfo: { workflow } } })
  await client.wait(prompt_id)
  expect(client.texts.filter(({ type }) => type === 'execution_error')).toEqual([])
  const images = await client.images(prompt_id)
  expect(Object.keys(images).sort()).toEqual(['35', '36', '9'])
  const sizes = await Promise.all([images[9]![0], images[35]![0]].map((bytes) => sharp(bytes).metadata()))
  expect(sizes.map(({ width, height }) => [width, height])).toEqual([
    [128, 128],
    [64, 64],
  ])
  const executed = client.texts.filter(({ type }) => type === 'executed').map(({ data }) => data)
  expect(executed.map(({ node }) => node).sort()).toEqual(['35', '36', '9'])
  expect(executed.find(({ node }) => node === '35').output.images[0].type).toBe('temp')
  expect(client.texts.find(({ type }) => type === 'feature_flags')!.data).toMatchObject({
    supports_preview_metadata: true,
  })
  expect(client.binaries.length).toBeGreaterThan(0)
  for (const bytes of client.binaries) {
    expect(bytes.readUInt32BE(0)).toBe(4)
    const metadata = JSON.parse(bytes.subarray(8, 8 + bytes.readUInt32BE(4)).toString())
    expect(metadata).toMatchObject({ prompt_id, image_type: 'image/jpeg' })
    const picture = bytes.subarray(8 + bytes.readUInt32BE(4))
    expect((await sharp(picture).metadata()).format).toBe('jpeg')
  }
  const { [prompt_id]: entry } = (await getJson(`/history/${prompt_id}`)) as never
  expect((entry as { prompt: unknown[] }).prompt[3]).toMatchObject({ extra_pnginfo: { workflow } })
  client.close()
})

describe('the npm client @stable-canvas/comfyui-client', () => {
  let client: Client
  beforeAll(async () => {
    client = new Client({ api_host: place.host, WebSocket })
    await client.connect()
  })
  afterAll(() => client.close())

  test('knows samplers, schedulers and models', { timeout }, async () => {
    expect(await client.getSamplers()).toEqual(['euler'])
    expect(await client.getSchedulers()).toEqual(['simple'])
    expect(await client.getSDModels()).toContain('mini')
    expect(await client.getLoRAs()).toContain('dreamo_comfyui.safetensors')
    expect(await client.getVAEs()).toEqual(['ae.safetensors'])
    expect(await client.getEmbeddings()).toEqual([])
    expect(await client.getExtensions()).toEqual([])
    const { system, devices } = await client.getSystemStats()
    expect([system.comfyui_version, devices.length]).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+$/), 1])
    await client.storeSetting('Comfy.Theme', 'dark')
    expect(await client.getSettings()).toEqual({ 'Comfy.Theme': 'dark' })
    expect(await client.getSetting('Comfy.Theme')).toBe('dark')
  })

  const flow = (steps: number, seed = 3) => {
    const workflow = new Workflow()
    const { CheckpointLoaderSimple, CLIPTextEncode, EmptyLatentImage, KSampler, VAEDecode, SaveImage } =
      workflow.classes
    const [model, clip, vae] = CheckpointLoaderSimple({ ckpt_name: 'mini' }) as never as [never, never, never]
    const [positive] = CLIPTextEncode({ text: 'the robot on the beach', clip })
    const [negative] = CLIPTextEncode({ text: '', clip })
    const [latent_image] = EmptyLatentImage({ width: 128, height: 128, batch_size: 1 })
    const how = { seed, steps, cfg: 1, sampler_name: 'dpmpp_2m', scheduler: 'karras', denoise: 1 }
    const [samples] = KSampler({ ...how, model, positive, negative, latent_image } as never)
    const [images] = VAEDecode({ samples, vae } as never)
    SaveImage({ images, filename_prefix: 'robot' } as never)
    return workflow
  }

  const urlsOf = (images: readonly { type: string; data: unknown }[]) =>
    images.flatMap(({ type, data }) => (type === 'url' ? [String(data)] : []))

  test('gets pictures, with its socket and without', { timeout }, async () => {
    const progress: number[] = []
    const { images } = await flow(2).invoke(client, { progress: ({ value }) => progress.push(value) })
    expect(progress).toContain(2)
    const polled = await flow(2).invoke_polling(client, { polling_ms: 100 })
    for (const url of [...urlsOf(images), ...urlsOf(polled.images)]) {
      const { width } = await sharp(Buffer.from(await (await fetch(url)).arrayBuffer())).metadata()
      expect(width).toBe(128)
    }
    expect([urlsOf(images).length, urlsOf(polled.images).length]).toEqual([1, 1])
  })

  test('uploads, and what it has uploaded can be chosen', async () => {
    const form = new FormData()
    const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    form.set('image', new Blob([new Uint8Array(bytes)]), 'red.png')
    const uploaded = await client.fetchApi('/upload/image', { method: 'POST', body: form })
    expect(await uploaded.json()).toEqual({ name: 'red.png', subfolder: '', type: 'input' })
    const { LoadImage } = await client.getNodeDefs()
    expect(LoadImage!.input.required!.image![0]).toContain('red.png')
  })

  test('takes a waiting prompt out of the queue, and interrupts the running one', { timeout }, async () => {
    const [running, waiting] = [flow(100, 5).instance(client), flow(100, 6).instance(client)]
    await running.enqueue()
    await waiting.enqueue()
    const interrupted = expect(running.wait()).rejects.toThrow()
    while (!(await running.query()).running) await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await waiting.query()).toMatchObject({ pending: true })
    await waiting.interrupt()
    await running.interrupt()
    await interrupted
    while (!(await waiting.query()).done) await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await getJson('/queue')).toEqual({ queue_running: [], queue_pending: [] })
    const history = (await getJson('/history')) as Record<string, { status: { messages: [string][] } }>
    expect(history[waiting.task_id!]).toBeUndefined()
    expect(history[running.task_id!]!.status.messages.at(-1)![0]).toBe('execution_interrupted')
  })
})

test('after a restart the history is there, with its pictures', { timeout }, async () => {
  const before = (await getJson('/history')) as Record<string, unknown>
  await place.restart()
  const after = (await getJson('/history')) as Record<string, { outputs: Record<string, { images: object[] }> }>
  expect(after).toEqual(before)
  const [image] = Object.values(after).flatMap(({ outputs }) => Object.values(outputs).flatMap(({ images }) => images))
  const query = new URLSearchParams(image as Record<string, string>)
  const response = await fetch(`${place.url}/view?${query}`)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png'])
})
