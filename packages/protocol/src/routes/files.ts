/** Uploads and artifacts. */
import { z } from 'zod'
import { upload } from '../model.js'
import { route } from '../route.js'
import { digest, json, page, paging } from '../words.js'

export const filesRoutes = {
  upload: route({
    method: 'POST',
    path: '/uploads',
    summary: 'Takes a file. The answer’s `file` stands for it in workflows.',
    scope: 'submit',
    query: z.object({ name: z.string().min(1).max(200) }),
    body: 'bytes',
    answer: upload,
    status: 201,
    errors: ['request/too-large', 'request/media-type'],
  }),
  uploads: route({
    method: 'GET',
    path: '/uploads',
    summary: 'Files that the submitter has uploaded, newest first.',
    scope: 'read',
    query: z.object(paging),
    answer: page(upload),
  }),
  inputFile: route({
    method: 'GET',
    path: '/files',
    summary: 'The picture that a file param names, if it is with the server: an upload, or one that came along.',
    scope: 'read',
    query: z.object({ path: z.string().min(1).max(2000) }),
    answer: z.object({ digest: digest.optional().describe('GET /v1/artifacts/<digest>; absent: it is not here') }),
  }),
  artifact: route({
    method: 'GET',
    path: '/artifacts/:digest',
    summary: 'Bytes of an output or upload. They never change.',
    scope: 'read',
    params: z.object({ digest }),
    query: z.object({ name: z.string().max(200).optional().describe('File name to offer for saving') }),
    answer: 'bytes',
  }),
  thumbnail: route({
    method: 'GET',
    path: '/artifacts/:digest/thumbnail',
    summary: 'A small WebP of a picture.',
    scope: 'read',
    params: z.object({ digest }),
    query: z.object({ size: z.coerce.number().int().min(16).max(512).default(160).describe('Longer edge, pixels') }),
    answer: 'bytes',
  }),
  pictureWorkflow: route({
    method: 'GET',
    path: '/artifacts/:digest/workflow',
    summary: 'The workflow that a PNG carries.',
    scope: 'read',
    params: z.object({ digest }),
    answer: z.object({ workflow: z.string(), inputs: z.record(z.string(), json) }),
  }),
} as const
