// Good documents and pictures, to be damaged.
import { readdir, readFile } from 'node:fs/promises'

const examples = new URL('../../examples/', import.meta.url)

/** @returns {Promise<{ documents: object[], pictures: Uint8Array[] }>} */
export async function goodThings() {
  const read = async (folder, ending, as) => {
    const names = (await readdir(new URL(folder, examples))).filter((name) => name.endsWith(ending))
    return Promise.all(names.map(async (name) => as(await readFile(new URL(folder + name, examples)))))
  }
  return {
    documents: await read('workflows/', '.json', (bytes) => JSON.parse(String(bytes))),
    pictures: await read('pictures/', '.png', (bytes) => new Uint8Array(bytes)),
  }
}
