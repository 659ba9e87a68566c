// Kills a writing process at many random moments. What the writer had under a temporary name then tells that the kill hit.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { watch } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const writer = fileURLToPath(new URL('./writer.mjs', import.meta.url))

export interface KillOptions {
  readonly what: 'cache' | 'picture' | 'workflow'
  readonly folder: string
  readonly rounds: number
  /** Kills come up to this long after the writer began. */
  readonly withinMs: number
  readonly seed: number
  /** Looks at the files after each kill. */
  readonly inspect: () => Promise<void>
}

/**
 * Starts and kills writers; returns how many half-written files they left under temporary names. Every other kill comes
 * at a random moment, the others as soon as a write has begun, for most of a writer's time goes elsewhere.
 */
export async function killWhileWriting({
  what,
  folder,
  rounds,
  withinMs,
  seed,
  inspect,
}: KillOptions): Promise<number> {
  let random = seed
  const halfWritten = new Set<string>() // a name stays until some later writer tidies up, and counts once
  for (let round = 0; round < rounds; round++) {
    const child = fork(writer, [what, folder])
    await ready(child)
    random = (random * 1103515245 + 12345) % 2 ** 31
    await sleep(random % withinMs)
    if (round % 2 === 1) await writeBegins(folder)
    child.kill('SIGKILL')
    await once(child, 'exit')
    for (const file of await temporaryFiles(folder)) halfWritten.add(file)
    await inspect()
  }
  return halfWritten.size
}

/** Lets a writer do a few whole rounds and end by itself; returns its exit code. */
export async function writeInPeace({ what, folder }: Pick<KillOptions, 'what' | 'folder'>): Promise<number | null> {
  const child = fork(writer, [what, folder, '3'])
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

export async function temporaryFiles(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true })
  return files.filter((file) => file.endsWith('.tmp'))
}

/** Waits for a temporary file to appear, a second at most. */
async function writeBegins(folder: string): Promise<void> {
  const watcher = watch(folder, { recursive: true })
  const begun = new Promise<void>((done) => {
    watcher.on('change', (_, file) => {
      if (String(file).endsWith('.tmp')) done()
    })
  })
  await Promise.race([begun, sleep(1000)])
  watcher.close()
}

async function ready(child: ChildProcess): Promise<void> {
  const [message] = (await once(child, 'message')) as [unknown]
  if (message !== 'ready') throw new Error(`writer: expected to be ready, got ${String(message)}`)
}
