// One folder is one commit, however often a download was stopped while the branch moved on.
import { describe, expect, test } from 'vitest'
import { chance, commitOf } from './hub.js'
import { holding, inPlace } from './place.js'

const random = chance(11)
const [first, second] = [commitOf('1'), commitOf('2')]
const same = random.bytes(50_000)
const before = { 'a.safetensors': same, 'b.safetensors': random.bytes(90_000), 'gone.json': random.bytes(20) }
const after = { 'a.safetensors': same, 'b.safetensors': random.bytes(90_000), 'new.json': random.bytes(30) }
const commits = { [first]: before, [second]: after }

describe('a branch that moves', () => {
  test('between two downloads: the folder follows, and what is equal is not fetched again', () => {
    const branches = { main: first }
    return inPlace({ commits, branches }, async (place) => {
      await place.download()
      expect(await place.files()).toEqual(holding(before))
      branches.main = second
      const sent = place.local.sentBytes
      expect((await place.download()).commit).toBe(second)
      expect(await place.files()).toEqual(holding(after))
      expect(place.local.sentBytes - sent).toBe(90_000 + 30)
      expect((await place.download({ revision: first })).commit).toBe(first)
      expect(await place.files()).toEqual(holding(before))
    })
  })

  test('during a download: it stays with the commit that it began with', () => {
    const branches = { main: first }
    return inPlace({ commits, branches }, async (place) => {
      const onProgress = () => {
        branches.main = second
      }
      await place.download({ onProgress })
      expect(await place.files()).toEqual(holding(before))
    })
  })

  test('and a choice that leaves out a file which has changed: the file comes along', () => {
    const branches = { main: first }
    return inPlace({ commits, branches }, async (place) => {
      await place.download()
      branches.main = second
      expect([...(await place.download({ patterns: ['new.json'] })).files].sort()).toEqual([
        'b.safetensors',
        'new.json',
      ])
      expect(await place.files()).toEqual(holding(after))
    })
  })
})

test('parts of two revisions: the older is removed, the other gone on from', () => {
  const branches = { main: first }
  let cuts = 0
  // One cut for the first revision and one for the second, each followed by failures until the try is given up.
  const fault = (path: string) => {
    if (path !== 'b.safetensors' || cuts >= 8) return undefined
    return cuts++ % 4 === 0 ? { cutAfterBytes: 30_000 } : { status: 500 }
  }
  return inPlace({ commits, branches, fault }, async (place) => {
    await expect(place.download()).rejects.toMatchObject({ code: 'store/hub-unreachable' })
    const parts = async () => Object.keys(await place.files()).filter((path) => path.endsWith('.part'))
    const [ofFirst] = await parts()
    branches.main = second
    await expect(place.download()).rejects.toMatchObject({ code: 'store/hub-unreachable' })
    const [ofSecond, ...others] = await parts()
    expect(others).toEqual([])
    expect(ofSecond).not.toBe(ofFirst)
    await place.download()
    expect(await place.files()).toEqual(holding(after))
  })
})
