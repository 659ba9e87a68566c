// Which methods a path has, for those who come with another one.
import { apiPrefix, type Route, routes } from '@dreamgraph/protocol'

const patterns = (Object.values(routes) as Route[]).map(({ method, path }) => {
  const segments = path.split('/').map((part) => (part === '*' ? '.+' : part.startsWith(':') ? '[^/]+' : part))
  return { method, pattern: new RegExp(`^${apiPrefix}${segments.join('/')}$`) }
})

/** Methods of the API under this address; none when there is nothing. */
export function methodsOf(url: string): string[] {
  const path = url.split('?')[0]!
  return [...new Set(patterns.flatMap(({ method, pattern }) => (pattern.test(path) ? [method] : [])))]
}
