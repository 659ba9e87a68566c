import { gzipSync } from 'node:zlib'
import { build, type Platform } from 'esbuild'
import { expect, it } from 'vitest'
import * as browser from './index.js'
import * as node from './node.js'

// 6.6 kB when this was written: room for growth, none for a dependency.
const maxGzippedBytes = 10_000

const bundle = (contents: string, platform: Platform) =>
  build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    format: 'esm',
    platform,
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'error',
  })

it('is small in a browser, and brings neither the validator nor anything of Node', async () => {
  const { outputFiles, metafile } = await bundle("export * from './index.js'", 'browser')
  expect(gzipSync(outputFiles[0]!.contents).length).toBeLessThanOrEqual(maxGzippedBytes)
  const strangers = Object.keys(metafile.inputs).filter((path) => !/(client\/src\/[\w-]+\.ts|<stdin>)$/.test(path))
  expect(strangers).toEqual([])
  expect(Object.keys(metafile.inputs).filter((path) => path.endsWith('/node.ts'))).toEqual([])
})

it('comes with sockets of its own in Node, and only there', async () => {
  for (const [platform, hasSockets] of [
    ['node', true],
    ['browser', false],
    ['neutral', false],
  ] as const) {
    const { metafile } = await bundle("import { connect } from '@dreamgraph/client'; connect({ url: '' })", platform)
    expect(Object.keys(metafile.inputs).some((path) => path.includes('node_modules/ws/'))).toBe(hasSockets)
  }
})

it('has the same names in Node as in a browser', () => {
  expect(Object.keys(node).sort()).toEqual(Object.keys(browser).sort())
})
