// Workflow documents as files: read with their text, written back so that only what changed differs, and never torn.
import { readFile, stat } from 'node:fs/promises'
import {
  defaultDocumentLimits,
  GraphError,
  type LoadedWorkflow,
  parseWorkflow,
  saveWorkflow,
  upgradeWorkflow,
  type Workflow,
} from '@dreamgraph/graph'
import { StoreError, writeFileAtomic } from '@dreamgraph/store'
import { nodeCatalogue } from './catalogue.js'

/** A character of a document takes at most three bytes of UTF-8 (four make two characters). */
const maxBytes = 3 * defaultDocumentLimits.textChars

/**
 * Reads a workflow document.
 * Throws store/file-unreadable, document/too-large, document/not-json, or DocumentError with all that is wrong.
 */
export async function readWorkflowFile(path: string): Promise<LoadedWorkflow> {
  const text = decodeUtf8(await readBytes(path), path)
  return parseWorkflow(text)
}

/**
 * Writes `document` as an edit of the text that `loaded` came from, in one step: a reader or a crash sees the old file or
 * the new one. Writes nothing when the file already reads so, and says whether it wrote. Throws store/write-failed.
 */
export async function writeWorkflowFile(path: string, loaded: LoadedWorkflow, document: Workflow): Promise<boolean> {
  const bytes = Buffer.from(saveWorkflow(loaded, document), 'utf8')
  const present = await readFile(path).catch(() => undefined)
  if (present?.equals(bytes)) return false
  await writeFileAtomic(path, bytes)
  return true
}

/**
 * Rewrites a workflow file in the newest schema, each node in the newest version of its type; all else keeps its bytes.
 * Says whether there was anything to do. Throws as readWorkflowFile, check/migration-failed, store/write-failed.
 */
export async function upgradeWorkflowFile(path: string): Promise<boolean> {
  const loaded = await readWorkflowFile(path)
  const text = upgradeWorkflow(loaded, nodeCatalogue)
  if (text === loaded.text) return false
  await writeFileAtomic(path, text)
  return true
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path)
    if (size <= maxBytes) return await readFile(path)
    const message = `${path}: expected a workflow document of at most ${maxBytes} bytes, got ${size}`
    throw new GraphError('document/too-large', message)
  } catch (cause) {
    if (cause instanceof GraphError) throw cause
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    const message = `${path}: expected a readable workflow file, got ${reason}`
    throw new StoreError('store/file-unreadable', message, { cause })
  }
}

/** A byte order mark stays in the text, so that saving gives it back. */
function decodeUtf8(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new GraphError('document/not-json', `${path}: expected JSON in UTF-8, got other bytes`, { cause })
  }
}
