/** Every request there is. Server, client, OpenAPI document and reference page are made from this table. */
import { adminRoutes } from './routes/admin.js'
import { filesRoutes } from './routes/files.js'
import { jobsRoutes } from './routes/jobs.js'
import { modelsRoutes } from './routes/models.js'
import { serverRoutes } from './routes/server.js'
import { workersRoutes } from './routes/workers.js'
import { workflowsRoutes } from './routes/workflows.js'

export const routes = {
  ...serverRoutes,
  ...jobsRoutes,
  ...filesRoutes,
  ...workflowsRoutes,
  ...modelsRoutes,
  ...adminRoutes,
  ...workersRoutes,
} as const

export type Routes = typeof routes
export type RouteName = keyof Routes
