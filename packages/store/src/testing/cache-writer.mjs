// A process that writes until it is killed: cache entries and one file, each of which a reader can check.
import { openDiskCache, writeFileAtomic } from '../../dist/index.js'

const [dir, file] = process.argv.slice(2)
const cache = openDiskCache({ dir, maxBytes: 1 << 24, maxEntries: 64 })
process.send?.('ready')
for (let round = 0; ; round++) {
  const key = (round % 16).toString(16).repeat(32)
  const value = round % 251
  await Promise.all([
    cache.set(key, { meta: { value }, blobs: [new Uint8Array(100_000).fill(value), new Uint8Array(7).fill(value)] }),
    writeFileAtomic(file, JSON.stringify(Array(20_000).fill(value))),
  ])
}
