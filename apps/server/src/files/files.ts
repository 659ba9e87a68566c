// Uploads, outputs and thumbnails: who may see which bytes, and how documents name them.
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { basename, join, posix } from 'node:path'
import type { Upload } from '@dreamgraph/protocol'
import { confinedPath } from '@dreamgraph/store'
import type { Database } from '../database/database.js'
import { readCursor, writeCursor } from '../jobs/cursor.js'
import type { Asker } from '../jobs/jobs.js'
import { notFound, ServerProblem } from '../problem.js'
import { type ArtifactStore, type StoredStream, sha256 } from './artifact-store.js'
import { pictureFacts, thumbnailOf } from './picture.js'

export interface FilesOptions {
  readonly database: Database
  readonly store: ArtifactStore
  readonly maxPixels: number
  readonly maxUploadBytes: number
  /** Folders with `workflows` and what they refer to beside, such as the examples. Read-only. */
  readonly libraries: readonly string[]
}

interface ArtifactRow {
  readonly digest: string
  readonly name: string
  readonly media_type: string
  readonly size_bytes: number
  readonly width: number | null
  readonly height: number | null
  readonly created_at: number
}

interface Named {
  readonly mediaType: string
  readonly name: string
}

const named = (row: ArtifactRow | undefined, digest: string): Named => ({
  mediaType: row?.media_type ?? 'application/octet-stream',
  name: row?.name ?? digest,
})

export class Files {
  readonly #options: FilesOptions
  /** What came along, by digest: everybody may see it. */
  readonly #shared = new Map<string, { bytes: Uint8Array; mediaType: string; name: string }>()

  constructor(options: FilesOptions) {
    this.#options = options
  }

  /** Takes a picture. Throws request/media-type, request/too-large. */
  async upload(asker: Asker, name: string, bytes: Uint8Array): Promise<Upload> {
    const { database, store, maxPixels } = this.#options
    const facts = await pictureFacts(bytes, maxPixels)
    const digest = sha256(bytes)
    const file = fileName(name, facts.mediaType)
    await store.put(digest, bytes)
    await database.query(
      `insert into artifacts (digest, owner, name, media_type, size_bytes, width, height, uploaded, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, true, $8)
       on conflict (digest, owner, name) do update set uploaded = true`,
      [digest, asker.name, file, facts.mediaType, bytes.byteLength, facts.width, facts.height, Date.now()],
    )
    return { file: uploadPath(digest, file), name: file, digest, sizeBytes: bytes.byteLength, ...facts }
  }

  async uploads(asker: Asker, { cursor, limit }: { cursor?: string; limit: number }) {
    const [before] = cursor ? readCursor(cursor, 1) : [Number.MAX_SAFE_INTEGER]
    const rows = await this.#options.database.query<ArtifactRow>(
      `select * from artifacts where owner = $1 and uploaded and created_at < $2 order by created_at desc limit $3`,
      [asker.name, before, limit + 1],
    )
    const items = rows.slice(0, limit).map(
      ({ digest, name, media_type, size_bytes, width, height }): Upload => ({
        file: uploadPath(digest, name),
        name,
        digest,
        sizeBytes: size_bytes,
        mediaType: media_type,
        ...(width !== null && { width }),
        ...(height !== null && { height }),
      }),
    )
    return { items, ...(rows.length > limit && { next: writeCursor([rows[limit - 1]!.created_at]) }) }
  }

  /** Lets everybody see a picture that came along. Returns its digest. */
  async share(bytes: Uint8Array, name: string): Promise<string> {
    const digest = sha256(bytes)
    const { mediaType } = await pictureFacts(bytes, this.#options.maxPixels)
    this.#shared.set(digest, { bytes, mediaType, name })
    return digest
  }

  /** Digest of the picture that a file param names, if the asker may see it here. */
  async find(asker: Asker, path: string): Promise<string | undefined> {
    try {
      if (uploadedDigest(path) !== undefined) return await this.keep(asker, path)
      const found = await this.#inLibraries(path)
      return found && (await this.share(found, posix.basename(path)))
    } catch (error) {
      if (error instanceof ServerProblem) return undefined // not there, or no picture
      throw error
    }
  }

  /** Bytes and their type, as far as `open` gives them. */
  async read(asker: Asker, digest: string): Promise<Named & { bytes: Uint8Array }> {
    const shared = this.#shared.get(digest)
    if (shared) return shared
    const row = await this.#row(asker, digest)
    const bytes = row && (await this.#options.store.get(digest))
    if (!bytes) throw notFound('artifact', digest)
    return { bytes, ...named(row, digest) }
  }

  /**
   * What came along, the asker has uploaded or one of his jobs has made; a worker reads whatever its jobs name. Throws
   * request/not-found.
   */
  async open(
    asker: Asker,
    digest: string,
    { isWorker = false }: { readonly isWorker?: boolean } = {},
  ): Promise<Named & { bytes: Uint8Array | StoredStream }> {
    const shared = this.#shared.get(digest)
    if (shared) return shared
    const row = await this.#row(asker, digest)
    const bytes = row || isWorker ? await this.#options.store.open(digest) : undefined
    if (!bytes) throw notFound('artifact', digest)
    return { bytes, ...named(row, digest) }
  }

  async #row({ isAdmin, name }: Asker, digest: string): Promise<ArtifactRow | undefined> {
    const [row] = await this.#options.database.query<ArtifactRow>(
      'select * from artifacts where digest = $1 and ($2 or owner = $3) order by created_at limit 1',
      [digest, isAdmin, name],
    )
    return row
  }

  async thumbnail(asker: Asker, digest: string, size: number): Promise<Uint8Array> {
    const { store, maxPixels } = this.#options
    const { bytes } = await this.read(asker, digest)
    if (!keptSizes.includes(size)) return thumbnailOf(bytes, size, maxPixels)
    const key = thumbnailKey(digest, size)
    const kept = await store.get(key)
    if (kept) return kept
    const made = await thumbnailOf(bytes, size, maxPixels)
    await store.put(key, made)
    return made
  }

  /** Digest of the picture that a document names; keeps pictures of the libraries. Throws request/not-found. */
  async keep(asker: Asker, path: string): Promise<string> {
    const uploaded = uploadedDigest(path)
    if (uploaded !== undefined) {
      const rows = await this.#options.database.query(
        'select 1 from artifacts where digest = $1 and ($2 or owner = $3) limit 1',
        [uploaded, asker.isAdmin, asker.name],
      )
      if (rows.length > 0) return uploaded
      throw notFound('file', path)
    }
    const found = await this.#inLibraries(path)
    if (!found) throw notFound('file', path)
    await pictureFacts(found, this.#options.maxPixels)
    const digest = sha256(found)
    if (!(await this.#options.store.has(digest))) await this.#options.store.put(digest, found)
    return digest
  }

  /** Documents lie in `workflows` of their library, and paths start there. */
  async #inLibraries(path: string): Promise<Uint8Array | undefined> {
    const { libraries, maxUploadBytes } = this.#options
    const inside = posix.normalize(posix.join('workflows', path.replaceAll('\\', '/')))
    for (const library of libraries) {
      try {
        const resolved = await confinedPath(library, inside)
        const { size } = await stat(resolved)
        if (size <= maxUploadBytes) return await readFile(resolved)
      } catch {
        // Not in this one, or not to be reached.
      }
    }
    return undefined
  }

  /** Drops what no job, upload or other owner refers to any more. */
  async removeUnused(digests: readonly string[]): Promise<void> {
    const { database, store } = this.#options
    for (const digest of digests) {
      const rows = await database.query(
        `delete from artifacts where digest = $1 and not uploaded
           and not exists (select 1 from job_artifacts where digest = $1) returning 1`,
        [digest],
      )
      const others = await database.query(
        'select 1 from artifacts where digest = $1 union select 1 from job_artifacts where digest = $1',
        [digest],
      )
      if (rows.length === 0 || others.length > 0) continue
      await store.remove(digest)
      for (const size of keptSizes) await store.remove(thumbnailKey(digest, size))
    }
  }
}

/** Of thumbnails, pixels: the usual one and that of the editor. Others are made anew each time. */
const keptSizes: readonly number[] = [160, 320]

const thumbnailKey = (digest: string, size: number): string => `thumbnails/${sha256(`${digest} ${size}`)}`

const extensions: Readonly<Record<string, RegExp>> = {
  'image/png': /\.png$/i,
  'image/jpeg': /\.jpe?g$/i,
  'image/webp': /\.webp$/i,
  'image/avif': /\.avif$/i,
  'image/tiff': /\.tiff?$/i,
  'image/gif': /\.gif$/i,
}

/** A plain file name that ends as its content says. */
function fileName(name: string, mediaType: string): string {
  const plain = basename(name.replaceAll('\\', '/'))
    .replace(/[^\p{L}\p{N} ._-]/gu, '_')
    .slice(-120)
    .replace(/^\.+/, '')
  const extension = mediaType.slice('image/'.length).replace('jpeg', 'jpg')
  return extensions[mediaType]!.test(plain) ? plain : `${plain || 'picture'}.${extension}`
}

const uploadedDigest = (path: string): string | undefined => /^upload\/([0-9a-f]{64})\/[^/]+$/.exec(path)?.[1]

/** How documents name an upload. */
const uploadPath = (digest: string, name: string): string => join('upload', digest, name)

/** Passes bytes on; throws request/invalid after the last when they do not have the digest that they are said to have. */
export async function* checkDigest(chunks: AsyncIterable<Uint8Array>, digest: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
  const got = hash.digest('hex')
  if (got !== digest) throw new ServerProblem('request/invalid', `artifact: expected bytes of ${digest}, got ${got}`)
}
