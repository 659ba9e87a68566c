/** The client in Node, which before version 22 has no WebSocket: the names of `index.ts`, with the sockets of `ws`. */
import { WebSocket } from 'ws'
import { type Client, type ConnectOptions, createClient } from './client.js'
import type { SocketLike } from './socket.js'

/** As `connect` of `index.ts`. */
export const connect = (options: ConnectOptions): Client => createClient(options, openSocket)

/** The token goes in a header: a server that refuses it need not open a socket first. */
const openSocket = (url: string, token: string | undefined): SocketLike =>
  new WebSocket(url, { headers: token ? { authorization: `Bearer ${token}` } : {} })

export { ConnectionFault, clientErrorCodes, JobCancelled, JobFailed, ServerFault } from './faults.js'
export { defaultPatience } from './patience.js'
