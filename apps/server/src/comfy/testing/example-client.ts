// ComfyUI's script_examples/websockets_api_example.py, step by step: what most clients of ComfyUI are modelled on.
import { randomUUID } from 'node:crypto'
import { WebSocket } from 'ws'
import type { Prompt } from './prompts.js'

export interface Text {
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: messages have many forms, and tests say which they expect
  readonly data: any
}

export interface ExampleClient {
  readonly clientId: string
  readonly texts: Text[]
  readonly binaries: Buffer[]
  readonly queue: (prompt: Prompt, more?: object) => Promise<{ prompt_id: string; number: number; node_errors: object }>
  /** Until nothing of the prompt is executing any more. */
  readonly wait: (promptId: string) => Promise<void>
  readonly images: (promptId: string) => Promise<Record<string, Buffer[]>>
  readonly close: () => void
}

export interface ClientOptions {
  readonly headers?: Record<string, string>
  readonly clientId?: string
  /** Sent first of all. */
  readonly flags?: object
}

export async function exampleClient(url: string, options: ClientOptions = {}): Promise<ExampleClient> {
  const { headers = {}, clientId = randomUUID(), flags } = options
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?clientId=${clientId}`, { headers })
  const texts: Text[] = []
  const binaries: Buffer[] = []
  const waiting = new Set<() => void>()
  socket.on('message', (data, isBinary) => {
    if (isBinary) binaries.push(data as Buffer)
    else texts.push(JSON.parse(String(data)))
    for (const look of waiting) look()
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  if (flags) socket.send(JSON.stringify({ type: 'feature_flags', data: flags }))
  const isOver = (promptId: string) =>
    texts.some(({ type, data }) => type === 'executing' && data.node === null && data.prompt_id === promptId)
  return {
    clientId,
    texts,
    binaries,
    async queue(prompt, more = {}) {
      // urllib calls every body a form.
      const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
      const body = JSON.stringify({ prompt, client_id: clientId, ...more })
      const response = await fetch(`${url}/prompt`, { method: 'POST', headers: form, body })
      if (!response.ok) throw new Error(`prompt: ${response.status} ${await response.text()}`)
      return response.json() as never
    },
    wait: (promptId) =>
      new Promise((resolve) => {
        const look = () => {
          if (!isOver(promptId)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    async images(promptId) {
      const history = (await (await fetch(`${url}/history/${promptId}`, { headers })).json()) as never
      const { outputs } = history[promptId] as { outputs: Record<string, { images: Record<string, string>[] }> }
      const byNode: Record<string, Buffer[]> = {}
      for (const [node, { images }] of Object.entries(outputs)) {
        byNode[node] = []
        for (const image of images) {
          const response = await fetch(`${url}/view?${new URLSearchParams(image)}`, { headers })
          if (!response.ok) throw new Error(`view: ${response.status} ${await response.text()}`)
          byNode[node].push(Buffer.from(await response.arrayBuffer()))
        }
      }
      return byNode
    },
    close: () => socket.close(),
  }
}
