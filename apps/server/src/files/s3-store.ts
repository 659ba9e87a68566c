// Artifacts in a bucket of anything that speaks S3. Credentials come from the environment, as the AWS library reads it.
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { writeAtomic } from '@dreamgraph/store'
import { isLost } from '../database/postgresql.js'
import { ServerProblem } from '../problem.js'
import type { ArtifactStore } from './artifact-store.js'

/** `s3://bucket/prefix?endpoint=https://…&region=…`. Throws server/bad-option. */
export function s3Store(location: string): ArtifactStore {
  const url = URL.canParse(location) ? new URL(location) : undefined
  if (url?.protocol !== 's3:' || !url.hostname) {
    const rule = 's3://bucket/prefix?endpoint=URL&region=NAME'
    throw new ServerProblem('server/bad-option', `artifacts: expected ${rule}, got ${JSON.stringify(location)}`)
  }
  const endpoint = url.searchParams.get('endpoint') ?? undefined
  const client = new S3Client({
    region: url.searchParams.get('region') ?? 'us-east-1',
    requestChecksumCalculation: 'WHEN_REQUIRED', // stores that speak S3 without being it may not know the others
    ...(endpoint && { endpoint, forcePathStyle: true }),
  })
  const send: S3Client['send'] = (async (command: never) => {
    try {
      return await client.send(command)
    } catch (cause) {
      if (!isLost(cause)) throw cause
      const message = `artifacts: expected ${location.split('?')[0]} to answer, got ${(cause as Error).message}`
      throw new ServerProblem('server/unavailable', message, { cause })
    }
  }) as never
  const prefix = url.pathname.replace(/^\/|\/$/g, '')
  const at = (key: string) => ({ Bucket: url.hostname, Key: prefix ? `${prefix}/${key}` : key })
  const ifThere = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work
    } catch (error) {
      const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } }
      if (name === 'NoSuchKey' || name === 'NotFound' || $metadata?.httpStatusCode === 404) return undefined
      throw error
    }
  }
  return {
    async put(key, bytes) {
      await send(new PutObjectCommand({ ...at(key), Body: bytes, ContentLength: bytes.byteLength }))
    },
    async putStream(key, chunks) {
      // S3 wants to know the size, and whoever sends may yet turn out to send other bytes than said.
      const folder = await mkdtemp(join(tmpdir(), 'dreamgraph-'))
      try {
        const path = join(folder, 'file')
        await writeAtomic(path, async (sink) => {
          for await (const chunk of chunks) await sink.write(chunk)
        })
        const { size } = await stat(path)
        await send(new PutObjectCommand({ ...at(key), Body: createReadStream(path), ContentLength: size }))
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    async open(key) {
      const found = await ifThere(send(new GetObjectCommand(at(key))))
      return found?.Body && { stream: found.Body as Readable, sizeBytes: found.ContentLength ?? 0 }
    },
    async get(key) {
      const found = await ifThere(send(new GetObjectCommand(at(key))))
      return found?.Body?.transformToByteArray()
    },
    has: async (key) => (await ifThere(send(new HeadObjectCommand(at(key))))) !== undefined,
    async remove(key) {
      await ifThere(send(new DeleteObjectCommand(at(key))))
    },
  }
}
