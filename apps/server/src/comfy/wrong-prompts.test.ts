import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPlace, type Place } from './testing/place.js'
import { dreamoPrompt, plainPrompt, upload } from './testing/prompts.js'

let place: Place
beforeAll(async () => {
  place = await openPlace({ workers: 0 })
}, 240_000)
afterAll(() => place?.close(), 60_000)

async function post(body: unknown, path = '/prompt') {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(place.url + path, { method: 'POST', body: text })
  return { status: response.status, body: (await response.json()) as Record<string, object> }
}

const changed = (node: string, inputs: object) => {
  const prompt = plainPrompt()
  Object.assign(prompt[node]!.inputs, inputs)
  return { prompt }
}

describe('prompts that cannot run are refused in ComfyUI’s words', () => {
  const unknown = { prompt: { ...plainPrompt(), 99: { class_type: 'Unheard', inputs: {}, _meta: { title: 'Mine' } } } }
  const cyclic = plainPrompt()
  cyclic[8]!.inputs.samples = ['7', 0]
  cyclic[7]!.inputs.latent_image = ['50', 0]
  cyclic[50] = { class_type: 'VAEEncode', inputs: { pixels: ['8', 0], vae: ['3', 0] } }
  const { 9: save, ...noOutput } = plainPrompt()
  test.each([
    ['nothing', {}, 'no_prompt'],
    ['a prompt that is text', { prompt: 'hello' }, 'no_prompt'],
    ['an id that is no UUID', { prompt: plainPrompt(), prompt_id: 'UPPER' }, 'invalid_prompt_id'],
    ['an unknown class', unknown, 'missing_node_type'],
    ['no output node', { prompt: noOutput }, 'prompt_no_outputs'],
    ['targets that are no outputs', { prompt: plainPrompt(), partial_execution_targets: ['7'] }, 'prompt_no_outputs'],
    ['no JSON', '{"prompt": ', 'invalid_prompt'],
  ])('%s', async (_, body, type) => {
    const { status, body: answer } = await post(body)
    expect([status, answer]).toMatchObject([400, { error: { type, message: expect.any(String) }, node_errors: {} }])
  })

  test.each([
    ['a missing input', changed('8', { samples: undefined }), '8', 'required_input_missing'],
    ['a link to nothing', changed('8', { samples: ['77', 0] }), '8', 'bad_linked_input'],
    ['a link of another type', changed('8', { samples: ['1', 0] }), '8', 'return_type_mismatch'],
    ['a number that is none', changed('7', { steps: 'many' }), '7', 'invalid_input_type'],
    ['too small a number', changed('7', { steps: 0 }), '7', 'value_smaller_than_min'],
    ['too large a number', changed('7', { steps: 99_999 }), '7', 'value_bigger_than_max'],
    ['a sampler that nobody has', changed('7', { sampler_name: 'magic' }), '7', 'value_not_in_list'],
    ['a picture that is not there', { prompt: dreamoPrompt(['no.png', 'no.png']) }, '31', 'custom_validation_failed'],
    ['a circle', { prompt: cyclic }, '7', 'dependency_cycle'],
  ])('%s', async (_, body, node, type) => {
    const { status, body: answer } = await post(body)
    expect(status).toBe(400)
    const node_errors = answer.node_errors as Record<string, object>
    expect(answer.error).toMatchObject({ type: 'prompt_outputs_failed_validation' })
    expect(node_errors[node]).toMatchObject({ errors: [{ type }], class_type: expect.any(String) })
  })
})

describe('prompts that wait', () => {
  const queueOf = async () => {
    const { queue_pending } = (await (await fetch(`${place.url}/api/queue`)).json()) as { queue_pending: unknown[][] }
    return queue_pending
  }
  const clear = () => fetch(`${place.url}/queue`, { method: 'POST', body: '{"clear": true}' })

  test('have the id that the client chose, once, and keep their seeds to the last digit', async () => {
    const prompt_id = crypto.randomUUID()
    const seed = '18446744073709551615'
    const body = JSON.stringify({ prompt: plainPrompt(), prompt_id }).replace('"seed":7', `"seed":${seed}`)
    expect(await post(body)).toMatchObject({ status: 200, body: { prompt_id } })
    expect(await post(body)).toMatchObject({ status: 200, body: { prompt_id } })
    expect(await queueOf()).toHaveLength(1)
    expect(await (await fetch(`${place.url}/queue`)).text()).toContain(`"seed":${seed}`)
    await clear()
    expect(await queueOf()).toEqual([])
  })

  test('stand where their number, or the front, puts them, and can be taken out', async () => {
    const ids: string[] = []
    for (const more of [{}, {}, { front: true }, { number: 0.5 }]) {
      ids.push((await post({ prompt: plainPrompt(), ...more })).body.prompt_id as never)
    }
    const [first, second, front, low] = ids
    expect((await queueOf()).map(([, id]) => id)).toEqual([front, low, first, second])
    const status = async () => (await fetch(`${place.url}/prompt`)).json()
    expect(await status()).toEqual({ exec_info: { queue_remaining: 4 } })
    await fetch(`${place.url}/api/queue`, { method: 'POST', body: JSON.stringify({ delete: [first, 'nonsense'] }) })
    expect((await queueOf()).map(([, id]) => id)).toEqual([front, low, second])
    await clear()
    expect(await status()).toEqual({ exec_info: { queue_remaining: 0 } })
    expect(await (await fetch(`${place.url}/history`)).json()).toEqual({})
  })

  test('run only the outputs that are wanted and right', async () => {
    const prompt = plainPrompt()
    prompt[60] = { class_type: 'PreviewImage', inputs: { images: ['8', 0] } }
    prompt[61] = { class_type: 'PreviewImage', inputs: {} }
    const { status, body } = await post({ prompt })
    expect([status, Object.keys(body.node_errors!)]).toEqual([200, ['61']])
    await post({ prompt, partial_execution_targets: ['60'] })
    expect((await queueOf()).map((entry) => entry[4])).toEqual([['9', '60'], ['60']])
    await clear()
  })

  test('may be workflow files of the browser', async () => {
    const file = await readFile(uiFile, 'utf8')
    const names = [...file.matchAll(/"([\w-]+\.png)"/g)].map(([, name]) => name!)
    for (const as of new Set(names)) await upload(place.url, { name: 'mini-robot.png', as })
    const { status, body } = await post(`{"prompt": ${file}}`)
    expect([status, body.node_errors]).toEqual([200, {}])
    const [, , prompt] = (await queueOf())[0]!
    expect(Object.keys(prompt as object)).toContain('9')
    await clear()
  })
})

const uiFile = new URL('../../../../packages/comfy/src/testing/fixtures/dreamo-two-conditions.json', import.meta.url)

test('classes are told one by one, and lists of what there is', async () => {
  const get = async (path: string) => (await fetch(place.url + path)).json() as Promise<never>
  expect(Object.keys(await get('/api/object_info/KSampler'))).toEqual(['KSampler'])
  expect(await get('/object_info/constructor')).toEqual({})
  expect(await (await fetch(`${place.url}/object_info/KSampler`)).text()).toContain('"max":18446744073709551615')
  expect(await get('/models')).toContain('checkpoints')
  expect(await get('/models/diffusion_models')).toContain('mini')
  expect((await fetch(`${place.url}/models/nonsense`)).status).toBe(404)
  expect(await get('/features')).toMatchObject({ supports_preview_metadata: true })
  expect((await fetch(`${place.url}/free`, { method: 'POST', body: '{"unload_models": true}' })).status).toBe(200)
  expect((await fetch(`${place.url}/interrupt`, { method: 'POST' })).status).toBe(200)
  expect((await fetch(`${place.url}/`)).status).toBe(404) // the editor's, and none is served here
})
