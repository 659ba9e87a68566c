// Downloads from a hub over real connections: whatever happens on the way, the folder holds the hub's bytes or says why not.
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { chance, commitOf, sha256 } from './hub.js'
import { holding, inPlace } from './place.js'

const random = chance(7)
const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const weights = random.bytes(300_000)
const shards = random.bytes(120_000)
const model = {
  'model_index.json': text('{"_class_name": "FluxPipeline"}'),
  'transformer/config.json': text('{}'),
  'transformer/diffusion_pytorch_model.safetensors': weights,
  'text_encoder_2/model-00001-of-00002.safetensors': shards,
  'tokenizer/merges.txt': text(''),
}

describe('what comes', () => {
  test('weights and configs over several pages, in folders, small ones first, with progress to the last byte', () =>
    inPlace(
      { files: { ...model, 'README.md': text('# hello'), 'sheet.png': random.bytes(2000) }, pageSize: 2 },
      async (place) => {
        const seen: { file: string; doneBytes: number; totalBytes: number }[] = []
        const result = await place.download({ onProgress: (progress) => seen.push(progress) })
        expect(await place.files()).toEqual(holding(model))
        expect(result).toMatchObject({ commit: commitOf('a'), skipped: [] })
        expect(result.files.at(-1)).toBe('transformer/diffusion_pytorch_model.safetensors')
        const totalBytes = Object.values(model).reduce((sum, { length }) => sum + length, 0)
        expect(seen.at(-1)).toEqual({ file: result.files.at(-1), doneBytes: totalBytes, totalBytes })
        expect(seen.map(({ doneBytes }) => doneBytes)).toEqual(
          seen.map(({ doneBytes }) => doneBytes).sort((a, b) => a - b),
        )
      },
    ))

  test('what is there is checked and not fetched again; what was damaged since is fetched anew', () =>
    inPlace({ files: model }, async (place) => {
      await place.download()
      const before = place.local.sentBytes
      await place.download()
      expect(place.local.sentBytes).toBe(before)
      await writeFile(
        join(place.folder, 'transformer/diffusion_pytorch_model.safetensors'),
        random.bytes(weights.length),
      )
      await place.download()
      expect(place.local.sentBytes).toBe(before + weights.length)
      expect(await place.files()).toEqual(holding(model))
    }))

  test('patterns and paths choose; doubles and pickles stay away and are named', () => {
    const files = {
      ...model,
      'flux1-dev.safetensors': weights,
      'transformer/diffusion_pytorch_model.fp16.safetensors': shards,
      'vae/diffusion_pytorch_model.bin': shards,
    }
    return inPlace({ files }, async (place) => {
      const result = await place.download()
      expect(await place.files()).toEqual(holding(model))
      expect(result.skipped.map(({ path }) => path).sort()).toEqual([
        'flux1-dev.safetensors',
        'transformer/diffusion_pytorch_model.fp16.safetensors',
        'vae/diffusion_pytorch_model.bin',
      ])
      const chosen = await place.download({ patterns: ['flux1-dev.safetensors', '*/config.json'] })
      expect([...chosen.files].sort()).toEqual(['flux1-dev.safetensors', 'transformer/config.json'])
      const unsafe = place.download({ patterns: ['vae/diffusion_pytorch_model.bin'] })
      await expect(unsafe).rejects.toMatchObject({ code: 'store/download-refused', message: /pickle/ })
      const absent = place.download({ patterns: ['vae/*.gguf'] })
      await expect(absent).rejects.toMatchObject({ code: 'store/hub-missing', message: /vae\/\*\.gguf/ })
    })
  })
})

describe('faults on the way', () => {
  test.each([1, 2, 3, 4])(
    'connections cut anywhere, again and again (seed %i): each goes on where the one before ended',
    (seed) => {
      const cuts = chance(seed)
      const fault = () => (cuts.below(10) < 9 ? { cutAfterBytes: cuts.below(40_000) } : undefined)
      return inPlace({ files: model, fault }, async (place) => {
        await place.download()
        expect(await place.files()).toEqual(holding(model))
        const ranges = place.local.seen.filter(({ host, range }) => host === 'cdn' && range !== undefined)
        expect(ranges.length).toBeGreaterThan(5)
        // Bytes that were on their way when a connection broke may come twice, no more.
        expect(place.local.sentBytes).toBeLessThan(2 * (weights.length + shards.length))
      })
    },
  )

  test('a hub that knows no ranges sends the file again', () => {
    const fault = (_: string, count: number) => ({ ignoresRange: true, ...(count === 0 && { cutAfterBytes: 20_000 }) })
    return inPlace({ files: model, fault }, async (place) => {
      await place.download()
      expect(await place.files()).toEqual(holding(model))
    })
  })

  test('wrong bytes once: thrown away, fetched again, and said', () =>
    inPlace({ files: model, fault: (_, count) => ({ isWrong: count === 0 }) }, async (place) => {
      await place.download()
      expect(await place.files()).toEqual(holding(model))
      expect(place.log.join('\n')).toContain('thrown away')
    }))

  test.each([
    ['wrong bytes', { isWrong: true }, `sha256 ${sha256(weights.map((byte) => byte ^ 1))}`],
    ['fewer bytes than were listed', { onlyBytes: 1000 }, '1000 bytes'],
  ])('%s always: an error after two tries, and nothing is left in the place', (_, wrong, said) => {
    const files = { 'model.safetensors': weights }
    return inPlace({ files, fault: () => wrong }, async (place) => {
      await expect(place.download()).rejects.toMatchObject({
        code: 'store/download-damaged',
        message: expect.stringContaining(said),
      })
      expect(await place.files()).toEqual({})
      expect(place.local.seen.filter(({ host }) => host === 'cdn')).toHaveLength(2)
    })
  })

  test('busy and failing hubs are asked again, no sooner than they say', () => {
    const api = (_: string, count: number) =>
      count === 0 ? { status: 429, headers: { 'retry-after': '1' } } : count === 1 ? { status: 503 } : undefined
    const fault = (_: string, count: number) => (count < 2 ? { status: 500 } : undefined)
    return inPlace({ files: { 'config.json': text('{}') }, api, fault }, async (place) => {
      const startedAtMs = Date.now()
      await place.download()
      expect(Date.now() - startedAtMs).toBeGreaterThanOrEqual(2000) // two lists are asked for
      expect(await place.files()).toEqual(holding({ 'config.json': text('{}') }))
    })
  })

  test.each([
    [{ status: 503 }, 4, 'store/hub-unreachable'],
    [{ status: 429, headers: { 'retry-after': '3600' } }, 1, 'store/hub-unreachable'],
    [{ status: 401 }, 1, 'store/hub-refused'],
    [{ status: 403 }, 1, 'store/hub-refused'],
    [{ status: 404 }, 1, 'store/hub-missing'],
    [{ status: 400 }, 1, 'store/hub-invalid'],
  ])('%j for a file: after %i tries %s', (fault, tries, code) =>
    inPlace({ files: { 'model.safetensors': weights }, fault: () => fault }, async (place) => {
      await expect(place.download()).rejects.toMatchObject({ code, userFault: true })
      expect(place.local.seen.filter(({ host }) => host === 'cdn')).toHaveLength(tries)
    }),
  )

  test('a connection that brings nothing is given up and tried again', () =>
    inPlace(
      { files: { 'model.safetensors': weights }, fault: (_, count) => ({ stalls: count === 0 }) },
      async (place) => {
        await place.download()
        expect(await place.files()).toEqual(holding({ 'model.safetensors': weights }))
        expect(place.log.join('\n')).toContain('nothing for 0.3 s')
      },
      { stallMs: 300 },
    ))

  test('nobody there', () =>
    inPlace({ files: model }, async (place) => {
      await place.local.close()
      await expect(place.download()).rejects.toMatchObject({ code: 'store/hub-unreachable', message: /ECONNREFUSED/ })
    }))

  test('too full a disk is said before anything comes; what is there already does not count', () =>
    inPlace({ files: model }, async (place) => {
      const full = place.download({ freeBytes: async () => 100_000 })
      await expect(full).rejects.toMatchObject({ code: 'store/disk-full', message: /0\.42 GB|0\.00 GB/ })
      expect(place.local.sentBytes).toBe(0)
      await place.download()
      await place.download({ freeBytes: async () => 0 })
    }))
})

describe('tokens', () => {
  test('go to the hub and never to where it redirects', () =>
    inPlace(
      { files: model, token: 'secret-token' },
      async (place) => {
        await place.download()
        expect(await place.files()).toEqual(holding(model))
        const tokens = (host: string) =>
          new Set(place.local.seen.filter((seen) => seen.host === host).map(({ authorization }) => authorization))
        expect(tokens('hub')).toEqual(new Set(['Bearer secret-token']))
        expect(tokens('cdn')).toEqual(new Set([undefined]))
      },
      { token: 'secret-token' },
    ))

  test('none, or a wrong one: what to do is said, and the token is not', async () => {
    await inPlace({ files: model, token: 'secret-token' }, async (place) => {
      const message = expect.stringMatching(/licence.*DREAMGRAPH_HUB_TOKEN/)
      await expect(place.download()).rejects.toMatchObject({ code: 'store/hub-refused', message })
      expect(place.local.seen).toHaveLength(1)
    })
    const wrong = { token: 'another-token' }
    await inPlace(
      { files: model, token: 'secret-token' },
      async (place) => {
        const message = expect.not.stringContaining('another-token')
        await expect(place.download()).rejects.toMatchObject({ code: 'store/hub-refused', message })
      },
      wrong,
    )
  })
})

describe('stopping', () => {
  test('within a second, with the part kept and gone on from', () => {
    const fault = (_: string, count: number) => (count === 0 ? { bytesPerSecond: 100_000 } : undefined)
    return inPlace({ files: { 'model.safetensors': weights }, fault }, async (place) => {
      const stop = new AbortController()
      let stoppedAtMs = 0
      const onProgress = ({ doneBytes }: { doneBytes: number }) => {
        if (doneBytes < 50_000 || stoppedAtMs > 0) return
        stoppedAtMs = Date.now()
        stop.abort(new Error('enough'))
      }
      await expect(place.download({ signal: stop.signal, onProgress })).rejects.toThrow('enough')
      expect(Date.now() - stoppedAtMs).toBeLessThan(1000)
      const [part] = Object.keys(await place.files())
      expect(part).toMatch(/^model\.safetensors\.[0-9a-f]{12}\.part$/)
      const { size } = await stat(join(place.folder, part!))
      expect(size).toBeGreaterThanOrEqual(50_000)
      await place.download()
      expect(place.local.seen.at(-1)!.range).toBe(`bytes=${size}-`)
      expect(await place.files()).toEqual(holding({ 'model.safetensors': weights }))
    })
  })

  test('while it waits for the next try, or for a hub that says nothing', async () => {
    const waits = [{ status: 429, headers: { 'retry-after': '2' } }, { stalls: true }]
    for (const wait of waits) {
      await inPlace({ files: { 'model.safetensors': weights }, fault: () => wait }, async (place) => {
        const startedAtMs = Date.now()
        await expect(place.download({ signal: AbortSignal.timeout(200) })).rejects.toMatchObject({
          name: 'TimeoutError',
        })
        expect(Date.now() - startedAtMs).toBeLessThan(1200)
      })
    }
  })

  test('a part that was damaged meanwhile is noticed', () => {
    const fault = (_: string, count: number) => (count < 4 ? { cutAfterBytes: count === 0 ? 50_000 : 0 } : undefined)
    return inPlace({ files: { 'model.safetensors': weights }, fault }, async (place) => {
      await expect(place.download()).rejects.toMatchObject({ code: 'store/hub-unreachable' })
      const [part] = Object.keys(await place.files())
      await writeFile(join(place.folder, part!), new Uint8Array(40_000))
      await place.download()
      expect(await place.files()).toEqual(holding({ 'model.safetensors': weights }))
    })
  })
})
