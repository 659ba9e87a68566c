// A process that saves pictures until it is killed: numbered ones and one that it overwrites.
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { imageSave } from '../../dist/image/save.js'

const [folder] = process.argv.slice(2)
const resolveOutput = async (path) => {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  return join(folder, path)
}
process.send?.('ready')
for (let round = 0; ; round++) {
  const image = { width: 64, height: 64, channels: 3, data: new Uint8Array(64 * 64 * 3).fill(round % 256) }
  const run = (existing, name) => {
    const services = {
      files: { resolveOutput, onWritten: () => {} },
      record: { workflow: `${round}`, inputs: {}, models: () => [] },
    }
    const params = { name, format: 'png', quality: 95, existing, record: true }
    return imageSave.run({ inputs: { image }, params, ctx: {}, services })
  }
  await Promise.all([run('number', 'numbered'), run('overwrite', 'same')])
}
