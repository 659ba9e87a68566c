// `dreamgraph serve`: the server, in the foreground, until Ctrl-C.
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { QuantizeScheme } from '@dreamgraph/dreamo'
import type { ServerOptions } from '@dreamgraph/server'
import { Command, InvalidArgumentError, Option } from 'commander'
import { cancelOnSignals } from '../cancel.js'
import { type DeviceChoice, deviceOption, packOption, quantizeOption } from '../options.js'

interface Options {
  readonly host: string
  readonly port: number
  readonly data?: string
  readonly database?: string
  readonly artifacts?: string
  readonly token?: string
  readonly allowHost: string[]
  readonly allowOrigin: string[]
  readonly workers?: number
  readonly device: DeviceChoice
  readonly quantize?: QuantizeScheme
  readonly pack: readonly string[]
  readonly editor: boolean
  readonly log: NonNullable<ServerOptions['logLevel']>
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('serve the editor and the HTTP interface, and run jobs')
    .addOption(new Option('--host <host>', 'address to listen on').default('127.0.0.1'))
    .addOption(new Option('--port <port>', '0 takes a free one').argParser(readCount).default(7860))
    .addOption(new Option('--data <folder>', 'jobs, files and saved workflows (default: server in the home folder)'))
    .addOption(new Option('--database <url>', 'a PostgreSQL instead of the embedded one').env('DATABASE_URL'))
    .addOption(new Option('--artifacts <url>', 's3://bucket/prefix?endpoint=URL instead of a folder'))
    .addOption(new Option('--token <secret>', 'ask for this token; needed off loopback').env('DREAMGRAPH_TOKEN'))
    .addOption(new Option('--allow-host <name...>', 'further names under which it is reached').default([], 'none'))
    .addOption(new Option('--allow-origin <origin...>', 'pages elsewhere that may use it').default([], 'none'))
    .addOption(
      new Option(
        '--workers <count>',
        'worker processes here; 0 waits for others (default: one for each CUDA GPU, or one)',
      ).argParser(readCount),
    )
    .addOption(deviceOption())
    .addOption(quantizeOption())
    .addOption(packOption())
    .option('--no-editor', 'only the HTTP interface')
    .addOption(
      new Option('--log <level>', 'what to log').choices(['silent', 'error', 'warn', 'info', 'debug']).default('warn'),
    )
    .addHelpText('after', help)
    .action(serve)
}

const help = `
Everything is kept in one folder: a server that was killed goes on where it was. Ctrl-C gives running jobs back to the
queue and leaves. On this machine alone no token is needed; to be reached from others, give --host and --token;
the editor asks for the token once.

The interface is described at /v1/openapi.json and in docs/api.md; ComfyUI's clients work as they are.

Examples:
  $ dreamgraph serve
  $ dreamgraph serve --host 0.0.0.0 --token "$(openssl rand -hex 24)" --allow-host studio.example
  $ dreamgraph serve --workers 0 --database postgresql://dreamgraph@db/dreamgraph --artifacts s3://pictures/dreamgraph
  $ dreamgraph worker --server http://studio.example:7860 --token TOKEN
`

async function serve(options: Options): Promise<void> {
  const { host, port, database, artifacts, token, allowHost, allowOrigin, workers, device, editor, log, pack } = options
  const home = process.env.DREAMGRAPH_HOME ?? join(homedir(), '.dreamgraph')
  const data = options.data ?? join(home, 'server')
  if (!database && !existsSync(data)) process.stderr.write('first start: making the database, some seconds …\n')
  // Read here alone: it is half of what other commands would wait for.
  const server = await (await import('@dreamgraph/server')).startServer({
    data,
    host,
    port,
    databaseUrl: database,
    artifacts,
    token,
    hosts: allowHost,
    origins: allowOrigin,
    workers,
    device,
    quantize: options.quantize,
    packs: pack.map((folder) => resolve(folder)),
    home,
    libraries: [examples],
    editor: editor && existsSync(editorFolder) ? editorFolder : undefined,
    logLevel: log,
  })
  console.log(`dreamgraph: ${server.url}${token ? ' (with the token)' : ''} — Ctrl-C ends it`)
  const stop = cancelOnSignals(() =>
    process.stderr.write('leaving: running jobs go back to the queue … (again to quit at once)\n'),
  )
  await new Promise((resolve) => stop.signal.addEventListener('abort', resolve))
  await server.close()
  stop.release()
}

const examples = fileURLToPath(new URL('../../../../examples', import.meta.url))
const editorFolder = fileURLToPath(new URL('../../../editor/dist', import.meta.url))

function readCount(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected a whole number')
}
