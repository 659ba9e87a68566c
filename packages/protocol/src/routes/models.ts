/** Models that workers have, and downloads. */
import { z } from 'zod'
import { download, downloadRequest, matchReport, memoryForecast, memoryQuery, modelSummary } from '../model.js'
import { route } from '../route.js'

export const modelsRoutes = {
  models: route({
    method: 'GET',
    path: '/models',
    summary: 'Models by name.',
    scope: 'read',
    answer: z.object({ items: z.array(modelSummary) }),
  }),
  modelReport: route({
    method: 'GET',
    path: '/models/:model',
    summary: 'Whether every tensor of a model, and of each preset on it, fits.',
    scope: 'read',
    params: z.object({ model: z.string().max(100) }),
    answer: matchReport,
  }),
  modelMemory: route({
    method: 'GET',
    path: '/models/:model/memory',
    summary: 'What a step of the sampler takes with so many tokens; nothing is loaded or run.',
    scope: 'read',
    params: z.object({ model: z.string().max(100) }),
    query: memoryQuery,
    answer: memoryForecast,
  }),
  downloadModel: route({
    method: 'POST',
    path: '/models',
    summary: 'Downloads a model from the hub and registers it; goes on where an earlier try stopped.',
    scope: 'admin',
    body: downloadRequest,
    answer: download,
    status: 202,
  }),
  removeModel: route({
    method: 'DELETE',
    path: '/models/:model',
    summary: 'Forgets a model’s name. Its files stay.',
    scope: 'admin',
    params: z.object({ model: z.string().max(100) }),
  }),
  downloads: route({
    method: 'GET',
    path: '/downloads',
    summary: 'Downloads since the start.',
    scope: 'admin',
    answer: z.object({ items: z.array(download) }),
  }),
  cancelDownload: route({
    method: 'POST',
    path: '/downloads/:id/cancel',
    summary: 'Stops a download; what has come is kept for the next try.',
    scope: 'admin',
    params: z.object({ id: z.uuid() }),
    answer: download,
  }),
} as const
