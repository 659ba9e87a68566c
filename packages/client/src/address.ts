/** From what a user gives as the server's address to the URLs of requests and of the socket. */
import { apiPrefix, eventsPath, routeTable } from './route-table.js'

/** What goes into a URL: `params` into the path, `query` behind it. */
export interface Place {
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
}

export interface Address {
  route(name: keyof typeof routeTable, place: Place): string
  readonly socket: string
}

/**
 * Reads an address; in a browser it may be relative to the page. A path in it stays in front: servers behind a proxy.
 * Throws TypeError for anything but http and https.
 */
export function readAddress(url: string): Address {
  const base = parse(url)
  base.search = base.hash = ''
  const front = base.href.replace(/\/+$/, '')
  return {
    route: (name, place) => front + apiPrefix + pathOf(name, place) + queryOf(place.query),
    socket: front.replace(/^http/, 'ws') + eventsPath,
  }
}

function parse(url: string): URL {
  const page = (globalThis as { location?: { href: string } }).location?.href
  const parsed = URL.canParse(url, page) ? new URL(url, page) : undefined
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed
  throw new TypeError(`connect url: expected an http or https address, got ${JSON.stringify(url)}`)
}

function pathOf(name: keyof typeof routeTable, { params = {} }: Place): string {
  return routeTable[name][1].replace(/:(\w+)/g, (_, key: string) => {
    const value = params[key]
    if (value === undefined || value === '') throw new TypeError(`${name} params: expected "${key}", got nothing`)
    // A name with slashes is one segment: they are escaped.
    return encodeURIComponent(String(value))
  })
}

function queryOf(query: Place['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  return given.length
    ? `?${new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)]))}`
    : ''
}
