// Sessions of browsers: the token in a cookie that no script can read, so that pictures and sockets bring it as well.
// It ends with the token. Pages elsewhere make no use of it: browsers do not send it for them, and the gate asks for Origin.
import type { IncomingMessage } from 'node:http'
import { parseCookie, stringifySetCookie } from 'cookie'

type Headers = IncomingMessage['headers']

const longestSeconds = 30 * 24 * 3600

/** Browsers keep cookies by host alone; the port keeps servers on one host apart. */
const nameOf = ({ host = '' }: Headers): string => `dreamgraph-${/\d*$/.exec(host)}`

/** The token that a browser's session brings. */
export function sessionToken(headers: Headers): string | undefined {
  return headers.cookie === undefined ? undefined : parseCookie(headers.cookie)[nameOf(headers)]
}

/** What to answer in Set-Cookie for a session with this token, or without one to end it. */
export function sessionCookie(headers: Headers, token: string | undefined): string {
  return stringifySetCookie({
    name: nameOf(headers),
    value: token ?? '',
    maxAge: token === undefined ? 0 : longestSeconds,
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    // Behind a proxy only the browser knows.
    secure: headers.origin?.startsWith('https:') ?? false,
  })
}
