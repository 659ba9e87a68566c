import { spawn } from 'node:child_process'
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PackPlace, packPlace, runPackNode } from '../testing/pack.js'
import type { OpenedPacks } from './open-packs.js'
import { permissionOptions } from './permissions.js'

/** `try` evaluates what it is told inside the pack and says what came of it. */
const module = `
import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import { Duplex } from 'node:stream'
const require = createRequire(import.meta.url)
const builtin = (name) => process.getBuiltinModule(name)
export default [{
  type: 'spy/try', version: 1, title: 'Try', params: { code: { kind: 'text' } }, outputs: { result: { type: 'text' } },
  async run({ params }) {
    try {
      const action = new Function('fs', 'require', 'builtin', 'Duplex', 'load', 'here', 'return (async () => ' + params.code + ')()')
      const value = await action(fs, require, builtin, Duplex, (name) => import(name), new URL('.', import.meta.url))
      return { result: 'got ' + (typeof value === 'object' ? JSON.stringify(value) : String(value)) }
    } catch (error) {
      return { result: 'refused: ' + (error.code ?? error.message) }
    }
  },
}]`

let place: PackPlace
let packs: OpenedPacks
let server: Server
let port: number
let visits = 0

beforeAll(async () => {
  place = await packPlace()
  await writeFile(join(place.folder, 'secret'), 'of the neighbour')
  await mkdir(join(place.folder, 'spy2'))
  await writeFile(join(place.folder, 'spy2/secret'), 'of a folder whose name begins alike')
  packs = await place.open([await place.write('spy', module, { 'data/own.txt': 'own data' })])
  server = createServer((_, response) => {
    visits++
    response.end('hello')
  })
  server.on('connection', () => visits++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(async () => {
  server.close()
  await place.remove()
})

const attempt = async (code: string): Promise<string> =>
  ((await runPackNode(packs, 'spy/try', { params: { code } })) as { result: string }).result

describe('a pack may', () => {
  test.each([
    ['read its own files', `fs.readFileSync(new URL('data/own.txt', here), 'utf8')`, 'got own data'],
    ['list its own folder', `fs.readdirSync(here).sort()`, 'got ["data","pack.mjs","package.json"]'],
    ['read them without waiting', `fs.promises.readFile(new URL('data/own.txt', here), 'utf8')`, 'got own data'],
    [
      'compute with the modules for it',
      `(await load('node:zlib')).gunzipSync((await load('node:zlib')).gzipSync('x'))+''`,
      'got x',
    ],
    ['hash', `require('node:crypto').createHash('sha256').update('').digest('hex').slice(0, 8)`, 'got e3b0c442'],
    ['wait', `new Promise((resolve) => setTimeout(resolve, 1, 'on time'))`, 'got on time'],
    ['run WebAssembly', `WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))`, 'got true'],
    ['see no environment', `process.env`, 'got {}'],
    ['see only harmless arguments', `process.argv.length`, 'got 4'],
  ])('%s', async (_, code, result) => {
    expect(await attempt(code)).toBe(result)
  })
})

const denied = 'refused: ERR_ACCESS_DENIED'

describe('a pack may not', () => {
  test.each([
    ['read the accounts of the system', `fs.readFileSync('/etc/passwd', 'utf8')`],
    ['ask whether a file is there', `fs.existsSync('/etc/passwd')`],
    ['read what lies beside its folder', `fs.readFileSync(new URL('../secret', here), 'utf8')`],
    ['read a folder whose name begins like its own', `fs.readFileSync(new URL('../spy2/secret', here), 'utf8')`],
    ['read what lies above by a path of bytes', `fs.readFileSync(Buffer.from('/etc/../etc/passwd'))`],
    ['list the root', `fs.readdirSync('/')`],
    ['list the folder above', `fs.readdirSync(new URL('..', here))`],
    ['list a folder above ours', `fs.readdirSync(new URL('${new URL('../../dist/', import.meta.url).href}'))`],
    ['read the environment of its parent', `fs.readFileSync('/proc/' + process.ppid + '/environ', 'utf8')`],
    ['import a file of ours', `load('${new URL('../../dist/index.js', import.meta.url).href}')`],
    ['write into its own folder', `fs.writeFileSync(new URL('new.txt', here), 'x')`],
    ['write elsewhere', `fs.writeFileSync('/tmp/new.txt', 'x')`],
    ['make a folder', `fs.mkdirSync(new URL('new', here))`],
    ['delete its own files', `fs.unlinkSync(new URL('data/own.txt', here))`],
    ['make a symlink out of its folder', `fs.symlinkSync('/etc/passwd', new URL('link', here))`],
    ['change rights', `fs.chmodSync(new URL('data/own.txt', here), 0o777)`],
    ['start a process', `require('node:child_process').spawnSync('id').stdout`],
    ['start one of Node', `(await load('node:child_process')).fork(new URL('pack.mjs', here))`],
    ['start a thread', `new (builtin('node:worker_threads').Worker)('1', { eval: true })`],
    ['load loaders, which run in a thread', `require('node:module').register('data:text/javascript,')`],
    ['load native code', `process.dlopen({ exports: {} }, '/tmp/x.node')`],
    ['reach bindings of Node', `process.binding('tcp_wrap')`],
    ['signal its parent', `process.kill(process.ppid, 0)`],
    ['signal it in another way', `process._kill(process.ppid, 0)`],
    ['wake the debugger of its parent', `process._debugProcess(process.ppid)`],
    ['open a debugger', `(await load('node:inspector')).open(0)`],
    ['write files by tracing', `(await load('node:trace_events')).createTracing({ categories: ['node'] }).enable()`],
    ['write a snapshot of the heap', `(await load('node:v8')).writeHeapSnapshot()`],
    ['switch V8', `(await load('node:v8')).setFlagsFromString('--allow-natives-syntax')`],
    ['see what its host holds', `process._getActiveHandles()`],
    ['follow what its host does', `(await load('node:async_hooks')).createHook({ init() {} })`],
    ['connect', `(await load('node:net')).connect(PORT, '127.0.0.1')`],
    ['connect by require', `require('net').createConnection(PORT, '127.0.0.1')`],
    ['listen', `require('node:net').createServer().listen(0)`],
    ['fetch', `(await fetch('http://127.0.0.1:PORT')).text()`],
    ['ask by http', `require('node:http').get('http://127.0.0.1:PORT')`],
    ['ask by https', `(await load('node:https')).get('https://127.0.0.1:PORT')`],
    ['ask by http2', `builtin('http2').connect('http://127.0.0.1:PORT')`],
    ['connect by tls', `(await load('node:tls')).connect(PORT)`],
    ['send datagrams', `(await load('node:dgram')).createSocket('udp4')`],
    ['resolve names', `(await load('node:dns')).lookup('example.org', () => {})`],
    ['resolve names by promise', `(await load('node:dns/promises')).resolve('example.org')`],
    ['connect by the class of its own output', `new process.stdout.constructor().connect(PORT, '127.0.0.1')`],
    ['connect by the handle of its own output', `new process.stdout._handle.constructor(0).connect({}, '/tmp/socket')`],
    [
      'take a socket of its host',
      `(() => {
      const { write } = Duplex.prototype
      let host
      Duplex.prototype.write = function (...args) { host ??= this; return write.apply(this, args) }
      console.log('x')
      Duplex.prototype.write = write
      return new host.constructor().connect(PORT, '127.0.0.1')
    })()`,
    ],
    ['find the domain module, which loads late', `(await load('node:domain')).create()`],
    ['find the repl', `(await load('node:repl')).start()`],
  ])('%s', async (_, code) => {
    expect(await attempt(code.replaceAll('PORT', `${port}`))).toBe(denied)
  })

  test('load an engine of OpenSSL', async () => {
    const code = `require('node:crypto').setEngine('/tmp/x.so')`
    expect(await attempt(code)).toBe('refused: ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED')
  })

  test('open again what was closed', async () => {
    const again = `(() => { 'use strict'; process.kill = () => 'open'; return process.kill() })()`
    expect(await attempt(again)).toMatch(/^refused: Cannot assign to read only property 'kill'/)
    const defined = `Object.defineProperty(process, 'kill', { value: () => 'open' }).kill()`
    expect(await attempt(defined)).toMatch(/^refused: Cannot redefine property: kill/)
  })
})

test('nothing of all that has reached the network or the disk', async () => {
  expect(visits).toBe(0)
  expect((await readdir(join(place.folder, 'spy'))).sort()).toEqual(['data', 'pack.mjs', 'package.json'])
})

test("what it imports of Node's is closed in every form", async () => {
  const source = `
    import net, { connect } from 'node:net'
    import * as all from 'node:child_process'
    const name = (f) => { try { f(); return 'open' } catch (error) { return error.message } }
    export default [{ type: 'forms/list', version: 1, title: 'List', outputs: { texts: { type: 'text', list: true } },
      run: () => ({ texts: [name(() => connect(1)), name(() => net.connect(1)), name(() => all.spawn('id'))] }) }]`
  const forms = await place.open([await place.write('forms', source)])
  expect(await runPackNode(forms, 'forms/list')).toEqual({
    texts: [
      'net.connect is closed to node packs',
      'net.connect is closed to node packs',
      'child_process.spawn is closed to node packs',
    ],
  })
})

test('a symlink in its folder, the way out that permissions do not see, is refused', async () => {
  const folder = await place.write('linked', 'export default []')
  await symlink('/etc/passwd', join(folder, 'passwd'))
  await expect(place.open([folder])).rejects.toMatchObject({
    code: 'nodes/pack-invalid',
    message: expect.stringMatching(/expected files and folders alone, no symlinks, got passwd$/),
  })
})

describe("Node's permissions alone, without what we close", () => {
  const script = `
    const fs = require('fs')
    const tries = {
      own: () => fs.readFileSync(__filename),
      beside: () => fs.readFileSync(require('path').join(__dirname, '../secret')),
      write: () => fs.writeFileSync('/tmp/pack-permission', ''),
      spawn: () => { const { error } = require('child_process').spawnSync('id'); if (error) throw error },
      worker: () => new (require('worker_threads').Worker)('1', { eval: true }),
      addon: () => process.dlopen({ exports: {} }, '/tmp/x.node'),
    }
    for (const [name, action] of Object.entries(tries)) {
      try { action(); console.log(name, 'fine') } catch (error) { console.log(name, error.code) }
    }`

  test('keep it from the rest of the disk, from processes, threads and native code', async () => {
    const folder = await place.write('bare', '', { 'bare.cjs': script })
    const options = [...permissionOptions([`${folder}/`]), join(folder, 'bare.cjs')]
    const child = spawn(process.execPath, options, { env: {}, stdio: ['ignore', 'pipe', 'ignore'] })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    await new Promise((resolve) => child.once('close', resolve))
    expect(
      Object.fromEntries(
        output
          .trim()
          .split('\n')
          .map((line) => line.split(' ')),
      ),
    ).toEqual({
      own: 'fine',
      beside: 'ERR_ACCESS_DENIED',
      write: 'ERR_ACCESS_DENIED',
      spawn: 'ERR_ACCESS_DENIED',
      worker: 'ERR_ACCESS_DENIED',
      addon: 'ERR_DLOPEN_DISABLED',
    })
  })
})
