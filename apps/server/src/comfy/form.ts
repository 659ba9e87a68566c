// Forms with files, read by the platform's own parser from a body that is in memory and within its limit.
import { ServerProblem } from '../problem.js'

/** Throws request/invalid. */
export async function readForm(contentType: string | undefined, body: Uint8Array): Promise<FormData> {
  try {
    const headers = { 'content-type': contentType ?? '' }
    return await new Response(new Uint8Array(body), { headers }).formData()
  } catch (cause) {
    throw new ServerProblem('request/invalid', 'body: expected multipart/form-data, got another', { cause })
  }
}

export function textOf(form: FormData, name: string): string | undefined {
  const value = form.get(name)
  return typeof value === 'string' ? value : undefined
}

/** Throws request/invalid where there is no such file. */
export async function fileOf(form: FormData, name: string): Promise<{ name: string; bytes: Uint8Array }> {
  const value = form.get(name)
  if (value === null || typeof value === 'string') {
    throw new ServerProblem(
      'request/invalid',
      `form: expected a file "${name}", got ${value === null ? 'none' : 'text'}`,
    )
  }
  return { name: value.name || 'picture', bytes: new Uint8Array(await value.arrayBuffer()) }
}
