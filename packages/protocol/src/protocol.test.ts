import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { decodePreview, encodePreview, openApi, referencePage, routes, serverErrors, submission } from './index.js'

it('has a reference page that is up to date (npm run docs writes it)', () => {
  const page = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8')
  expect(page).toBe(referencePage())
})

it('describes every route as OpenAPI, with a parameter for each part of its path', () => {
  const { paths } = openApi('1.0.0') as {
    paths: Record<string, Record<string, { parameters: { name: string; in: string }[] }>>
  }
  const described = Object.values(paths).flatMap((path) => Object.keys(path))
  expect(described).toHaveLength(Object.keys(routes).length)
  for (const [path, methods] of Object.entries(paths)) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    for (const { parameters } of Object.values(methods)) {
      expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(names)
    }
  }
})

it('names no failure that is not in the table', () => {
  for (const route of Object.values(routes)) {
    for (const code of 'errors' in route ? route.errors : []) expect(Object.keys(serverErrors)).toContain(code)
  }
})

it('takes a workflow or a name, and fills in the rest', () => {
  expect(submission.parse({ name: 'templates/mini' })).toMatchObject({
    inputs: {},
    priority: 0,
    retryLimit: 2,
    cache: true,
  })
  expect(() => submission.parse({})).toThrow(/either .*workflow.* or .*name/)
  expect(() => submission.parse({ name: 'a', workflow: {} })).toThrow(/either .*workflow.* or .*name/)
  expect(() => submission.parse({ name: '../a' })).toThrow()
})

it('reads back the previews that it writes, and nothing else', () => {
  const header = {
    job: crypto.randomUUID(),
    node: 'a',
    kind: 'picture',
    mediaType: 'image/jpeg',
    width: 2,
    height: 1,
  } as const
  const frame = encodePreview({ header, bytes: Uint8Array.of(1, 2, 3) })
  expect(decodePreview(frame)).toEqual({ header, bytes: Uint8Array.of(1, 2, 3) })
  for (let length = 0; length < frame.length - 3; length++)
    expect(decodePreview(frame.subarray(0, length))).toBeUndefined()
  const layers = { ...header, kind: 'routing-layers', reference: 2, group: 'late', leakage: 0.25 } as const
  expect(decodePreview(encodePreview({ header: layers, bytes: Uint8Array.of(7) }))?.header).toEqual(layers)
  const other = Uint8Array.from(frame)
  other[0] = 2
  expect(decodePreview(other)).toBeUndefined()
})
