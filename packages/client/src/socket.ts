/** What the client needs of a WebSocket: that of browsers, of `ws`, or any other that follows the standard. */

export interface SocketLike {
  binaryType: string
  send(data: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void
}

export type SocketClass = new (url: string) => SocketLike

/** Opens a socket that tells the server the token before anything else. */
export type OpenSocket = (url: string, token: string | undefined) => SocketLike

/** Sockets of a class whose handshake takes no headers: the token goes in the first frame. */
export const openWith =
  (Socket: SocketClass): OpenSocket =>
  (url, token) => {
    const socket = new Socket(url)
    if (token) socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'token', token })))
    return socket
  }

/** Ends a socket for good; one that is dead is not waited for. */
export function abandon(socket: SocketLike): void {
  const { terminate } = socket as { terminate?: () => void }
  if (terminate) terminate.call(socket)
  else socket.close()
}
