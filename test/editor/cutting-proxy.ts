/** A TCP proxy before the server that cuts all sockets of clients that have been upgraded, or any, as often as it is told. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export class CuttingProxy {
  /** How often open WebSockets were cut. */
  cuts = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #upgraded = new Set<Socket>()
  #timer: ReturnType<typeof setInterval> | undefined

  private constructor(port: number) {
    this.#server = createServer((socket) => this.#accept(socket, port))
  }

  static async start(port: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(port)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  /** undefined: no more. */
  cutEvery(ms: number | undefined): void {
    clearInterval(this.#timer)
    if (ms !== undefined) this.#timer = setInterval(() => this.#cut(), ms)
  }

  async stop(): Promise<void> {
    this.cutEvery(undefined)
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(this.#server, 'close')
  }

  #cut(): void {
    if (this.#upgraded.size === 0) return
    this.cuts++
    for (const socket of this.#upgraded) socket.destroy()
  }

  #accept(client: Socket, port: number): void {
    const server = connect(port, '127.0.0.1')
    const end = (): void => {
      client.destroy()
      server.destroy()
      this.#sockets.delete(client)
      this.#upgraded.delete(client)
    }
    this.#sockets.add(client)
    // The answer to an upgrade is the first that comes on its connection.
    server.once('data', (head) => head.toString('latin1').startsWith('HTTP/1.1 101') && this.#upgraded.add(client))
    client.pipe(server).pipe(client)
    for (const socket of [client, server]) socket.on('error', end).on('close', end)
  }
}
