/** What only workers ask for. */
import { z } from 'zod'
import { route } from '../route.js'
import { digest } from '../words.js'

export const workersRoutes = {
  storeArtifact: route({
    method: 'PUT',
    path: '/artifacts/:digest',
    summary: 'Keeps bytes under their digest, which is checked.',
    scope: 'worker',
    params: z.object({ digest }),
    body: 'stream',
  }),
  cachedResult: route({
    method: 'GET',
    path: '/cache/:digest',
    summary: 'A result of a node that some worker has computed, in the form of the cache’s files.',
    scope: 'worker',
    params: z.object({ digest }),
    answer: 'bytes',
  }),
  storeResult: route({
    method: 'PUT',
    path: '/cache/:digest',
    summary: 'Keeps the result of a node for other workers.',
    scope: 'worker',
    params: z.object({ digest }),
    body: 'stream',
  }),
} as const
