/** What the server says of itself, and sessions of browsers. */
import { health, session, signIn } from '../admin.js'
import { route } from '../route.js'
import { json } from '../words.js'

export const serverRoutes = {
  health: route({ method: 'GET', path: '/health', summary: 'Whether the server can take jobs.', answer: health }),
  openapi: route({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This interface as an OpenAPI 3.1 document.',
    answer: json,
  }),
  signIn: route({
    method: 'POST',
    path: '/session',
    summary:
      'Begins a session of a browser: the token in a cookie that no script can read, also for pictures and the WebSocket.',
    body: signIn,
    answer: session,
    errors: ['request/unauthorized'],
  }),
  signOut: route({ method: 'DELETE', path: '/session', summary: 'Ends the session of a browser.' }),
  nodes: route({
    method: 'GET',
    path: '/nodes',
    summary: 'The catalogue: every node and socket type, as an editor needs it.',
    scope: 'read',
    answer: json,
  }),
} as const
