// Who gets in: the Host must be ours (or a page elsewhere could rebind its name to us), the Origin must be ours (or any page
// could drive the server from a visitor's browser), and off this machine a token is needed.
import type { IncomingMessage } from 'node:http'
import type { Scope } from '@dreamgraph/protocol'
import type { WebSocket } from 'ws'
import { ServerProblem } from '../problem.js'
import { sessionToken } from './session.js'
import type { Identity, Tokens } from './tokens.js'

export interface GateOptions {
  readonly tokens: Tokens
  /** Names under which the server is reached besides loopback ones; each may have a port. */
  readonly hosts: readonly string[]
  /** Origins besides the server's own whose pages may use it, such as an editor on another port. */
  readonly origins: readonly string[]
  /** Requests without a token come from this machine's user, who may do everything. */
  readonly trustLoopback: boolean
}

type Headers = IncomingMessage['headers']

/** Whoever sits at this machine, when no token was asked for. */
export const localUser: Identity = { name: 'local', scopes: new Set<Scope>(['read', 'submit', 'admin']) }

export class Gate {
  readonly #options: GateOptions

  constructor(options: GateOptions) {
    this.#options = options
  }

  /** Throws request/forbidden for a Host or Origin that is not ours. */
  checkPlace(headers: Headers): void {
    const { host = '', origin, 'sec-fetch-site': site } = headers
    if (!this.#isOurs(host)) {
      throw new ServerProblem('request/forbidden', `Host: expected one of this server, got ${JSON.stringify(host)}`)
    }
    const isSame = origin === undefined || origin === `http://${host}` || origin === `https://${host}`
    if (!isSame && !this.#options.origins.includes(origin)) {
      throw new ServerProblem(
        'request/forbidden',
        `Origin: expected a page of this server, got ${JSON.stringify(origin)}`,
      )
    }
    // Requests that browsers send without an Origin, such as those of pictures in pages elsewhere.
    if (origin === undefined && (site === 'cross-site' || site === 'same-site') && !isLink(headers)) {
      throw new ServerProblem('request/forbidden', `Sec-Fetch-Site: expected same-origin or none, got ${site}`)
    }
  }

  #isOurs(host: string): boolean {
    const name = nameOf(host)
    return isLoopback(name) || this.#options.hosts.includes(host) || this.#options.hosts.includes(name)
  }

  /** Whom the request comes from; undefined when from nobody known. Throws request/unauthorized for a wrong token. */
  identify(headers: Headers, token = bearer(headers)): Identity | undefined {
    if (token !== undefined) return this.#options.tokens.expect(token)
    return this.#inSession(headers) ?? (this.#options.trustLoopback ? localUser : undefined)
  }

  /** The same, for whoever only counts requests: a wrong token stands for nobody. */
  recognize(headers: Headers): Identity | undefined {
    const token = bearer(headers)
    return token === undefined ? this.identify(headers) : this.#options.tokens.identify(token)
  }

  /** A session whose token has ended is as good as none: its browser signs in anew. */
  #inSession(headers: Headers): Identity | undefined {
    const token = sessionToken(headers)
    return token === undefined ? undefined : this.#options.tokens.identify(token)
  }

  /** A socket ends with the token that opened it. */
  hold(socket: WebSocket, identity: Identity): void {
    const release = this.#options.tokens.hold(identity, () => socket.close(4401, 'token'))
    socket.once('close', release)
  }

  /** Throws request/unauthorized, request/forbidden. */
  expect(identity: Identity | undefined, scope: Scope): Identity {
    if (!identity)
      throw new ServerProblem('request/unauthorized', 'Authorization: expected "Bearer TOKEN", got nothing')
    if (identity.scopes.has(scope)) return identity
    const got = [...identity.scopes].join(', ')
    throw new ServerProblem('request/forbidden', `token: expected one for ${scope}, got one for ${got}`)
  }
}

/** A link or an address that somebody followed to one of our pages: it shows itself, and no script elsewhere reads it. */
const isLink = (headers: Headers): boolean =>
  headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'

/** Of a Host header, without its port. */
export const nameOf = (host: string): string => host.replace(/:\d+$/, '').toLowerCase()

export function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '[::1]' || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name)
}

function bearer({ authorization }: Headers): string | undefined {
  if (authorization === undefined) return undefined
  const [, token] = /^Bearer (\S{1,500})$/i.exec(authorization) ?? []
  return token ?? ''
}
