// kill -9 in the middle of a file, several times: the next process goes on, and in the end every byte is the hub's.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { chance } from './hub.js'
import { holding, inPlace } from './place.js'

const downloader = fileURLToPath(new URL('./downloader.mjs', import.meta.url))
const random = chance(3)
const files = { 'config.json': random.bytes(100), 'model.safetensors': random.bytes(2_000_000) }

test('a killed download is gone on from, and brings less than the whole again', () =>
  inPlace({ files, fault: () => ({ bytesPerSecond: 2_000_000 }) }, async (place) => {
    let killedAtBytes = 0
    for (let round = 0; round < 4; round++) {
      const child = fork(downloader, [place.local.url, place.folder])
      const stopAtBytes = killedAtBytes + 50_000 + random.below(200_000)
      child.on('message', (doneBytes: number) => {
        if (doneBytes < stopAtBytes) return
        killedAtBytes = Math.max(killedAtBytes, doneBytes)
        child.kill('SIGKILL')
      })
      await once(child, 'exit')
      expect(child.signalCode).toBe('SIGKILL')
      expect(Object.keys(await place.files())).toContainEqual(expect.stringMatching(/^model\.safetensors\.\w+\.part$/))
    }
    const { sentBytes } = place.local
    const child = fork(downloader, [place.local.url, place.folder])
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(await place.files()).toEqual(holding(files))
    expect(place.local.sentBytes - sentBytes).toBeLessThanOrEqual(2_000_100 - killedAtBytes)
    expect(place.local.sentBytes).toBeLessThan(1.5 * 2_000_000)
  }))

test('two processes at the same folder end with the same whole files', () =>
  inPlace({ files, fault: () => ({ bytesPerSecond: 4_000_000 }) }, async (place) => {
    const children = [0, 1].map(() => fork(downloader, [place.local.url, place.folder]))
    const ends = await Promise.all(children.map((child) => once(child, 'exit')))
    expect(ends).toEqual([
      [0, null],
      [0, null],
    ])
    expect(await place.files()).toEqual(holding(files))
  }))
