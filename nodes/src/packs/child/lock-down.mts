// Takes from the process of a pack what Node's permissions leave open: the network, signals to other processes, switches of
// V8, files written by tracing. Node's own JavaScript stays as it is; what a pack can reach of it is replaced.
import { createSocket } from 'node:dgram'
import dns from 'node:dns'
import fs from 'node:fs'
import module, { builtinModules, syncBuiltinESMExports } from 'node:module'
import { Socket } from 'node:net'

/** Modules that only compute, and those for files, which Node's permissions confine. Any other one is empty to a pack. */
const openModules = new Set([
  ...['assert', 'assert/strict', 'buffer', 'console', 'constants', 'crypto', 'events', 'fs', 'fs/promises', 'module'],
  ...['path', 'path/posix', 'path/win32', 'perf_hooks', 'process', 'punycode', 'querystring', 'string_decoder'],
  ...['stream', 'stream/consumers', 'stream/promises', 'stream/web', '_stream_duplex', '_stream_passthrough'],
  ...['_stream_readable', '_stream_transform', '_stream_writable', 'sys', 'timers', 'timers/promises', 'url'],
  ...['util', 'util/types', 'zlib'],
])
/** Not listed as built in by every version. */
const prefixedModules = ['node:test', 'node:test/reporters', 'node:sea', 'node:sqlite']
/** These change how events are emitted as soon as they are loaded; without the modules they need, they cannot be. */
const meddlingModules = new Set(['domain', 'repl'])
/** Loading code in other ways than by import and require. */
const closedLoading = ['register', 'registerHooks', 'enableCompileCache', 'flushCompileCache', 'runMain']
const openProcessFunctions = new Set([
  ...['addUncaughtExceptionCaptureCallback', 'assert', 'availableMemory', 'constrainedMemory', 'cpuUsage', 'cwd'],
  ...['emitWarning', 'exit', 'getActiveResourcesInfo', 'getBuiltinModule', 'hasUncaughtExceptionCaptureCallback'],
  ...['hrtime', 'memoryUsage', 'nextTick', 'reallyExit', 'ref', 'resourceUsage', 'setSourceMapsEnabled'],
  ...['setUncaughtExceptionCaptureCallback', 'threadCpuUsage', 'unref', 'uptime'],
  ...['_exiting', '_fatalException', '_rawDebug', '_tickCallback'], // Node itself calls these by name
])

type Owner = Record<PropertyKey, unknown>

/** To be called once, before any code of a pack runs. Throws where this Node is built in another way than we know. */
export function lockDown(channel: Socket): void {
  // Made on first use, of modules that are empty from now on; closing one of the second kind counts as its use.
  void [process.stdout, process.stderr]
  for (const key of ['fetch', 'WebSocket', 'EventSource']) if (key in globalThis) close(globalThis, key, 'globalThis')
  const natives = nativeClasses(channel)
  const closed = [...new Set([...builtinModules, ...prefixedModules])].filter((name) => !openModules.has(name))
  const modules = closed.filter((name) => !meddlingModules.has(name)).map((name) => [name, load(name)] as const)
  for (const [name, exports] of modules) if (exports) closeModule(exports, name)
  for (const name of meddlingModules) closeIfLoadable(name)
  // Whatever way leads to a socket, it ends at these.
  for (const [name, { prototype }] of Object.entries(natives)) closeMethods(prototype, name)
  close(Socket.prototype as unknown as Owner, 'connect', 'net.Socket')
  // Node follows links by itself here, and asks nobody whether a path may be seen.
  for (const key of ['realpath', 'realpathSync'] as const) {
    const { native } = fs[key]
    Object.assign(fs, { [key]: Object.assign(native, { native }) })
  }
  for (const key of closedLoading) if (key in module) close(module as unknown as Owner, key, 'module')
  closeProcess()
  syncBuiltinESMExports()
}

/** The classes of Node's native code that speak to the world, by way of objects that have one. */
function nativeClasses(channel: Socket): Record<string, { prototype: Owner }> {
  const socket = new Socket().on('error', () => {})
  socket.connect({ host: '127.0.0.1', port: 1 }) // begins after this turn of the event loop, and by then it is undone
  const datagrams = createSocket('udp4')
  const state = Object.getOwnPropertySymbols(datagrams).map((key) => (datagrams as unknown as Owner)[key])
  const handles = {
    TCP: handleOf(socket),
    Pipe: handleOf(channel),
    UDP: state.map((value) => (value as { handle?: object } | undefined)?.handle).find(Boolean),
    Resolver: handleOf(new dns.Resolver()),
  }
  socket.destroy()
  datagrams.close()
  return Object.fromEntries(
    Object.entries(handles).map(([name, handle]) => {
      if (!handle) throw new Error(`internal: expected a native ${name} in Node ${process.version}, found none`)
      return [name, handle.constructor as unknown as { prototype: Owner }]
    }),
  )
}

const handleOf = (owner: object): object | undefined => (owner as { _handle?: object })._handle

const load = (name: string): Owner | undefined =>
  process.getBuiltinModule(name as 'net') as unknown as Owner | undefined

function closeIfLoadable(name: string): void {
  try {
    closeModule(load(name)!, name)
  } catch {
    // It needs a module that is closed by now.
  }
}

function closeProcess(): void {
  closeMethods(process as unknown as Owner, 'process', openProcessFunctions)
  Object.defineProperty(process, 'report', { value: undefined })
}

function closeMethods(owner: Owner, name: string, open: ReadonlySet<string> = new Set(['constructor'])): void {
  for (const key of Object.getOwnPropertyNames(owner)) {
    const { value } = Object.getOwnPropertyDescriptor(owner, key)!
    if (typeof value === 'function' && !open.has(key)) close(owner, key, name)
  }
}

/** All that it exports; a number or text that is fixed may stay. */
function closeModule(exports: Owner, name: string): void {
  for (const key of Reflect.ownKeys(exports)) {
    const { value, configurable, writable } = Reflect.getOwnPropertyDescriptor(exports, key)!
    if (configurable || writable) close(exports, key, name)
    else if (typeof value === 'function') throw new Error(`internal: cannot close ${name}.${String(key)} to packs`)
  }
}

function close(owner: object, key: PropertyKey, name: string): void {
  const denied = function denied(): never {
    throw Object.assign(new Error(`${name}.${String(key)} is closed to node packs`), { code: 'ERR_ACCESS_DENIED' })
  }
  Object.defineProperty(owner, key, { value: denied, writable: false, configurable: false })
}
