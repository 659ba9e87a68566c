// Pictures by ComfyUI's addresses: uploads under the names that a submitter gave them, and what his jobs made.
import type { Upload } from '@dreamgraph/protocol'
import type { Database } from '../database/database.js'
import type { Files } from '../files/files.js'
import type { Asker, Jobs } from '../jobs/jobs.js'
import { notFound, ServerProblem } from '../problem.js'
import { type Address, addressOf, jobOfSubfolder } from './addresses.js'

export interface PicturesOptions {
  readonly database: Database
  readonly files: Files
  readonly jobs: Jobs
}

export interface FoundPicture {
  readonly digest: string
  /** What a document names it by. */
  readonly file: string
}

export class Pictures {
  readonly #options: PicturesOptions

  constructor(options: PicturesOptions) {
    this.#options = options
  }

  /** Keeps an upload under its name; another picture of that name stays, and this one gets a number, unless told otherwise. */
  async put(
    asker: Asker,
    place: Omit<Address, 'filename'>,
    { upload, overwrite }: { upload: Upload; overwrite: boolean },
  ): Promise<Address> {
    for (let count = 0; ; count++) {
      const address = { ...place, filename: numbered(upload.name, count) }
      const [row] = await this.#options.database.query<{ digest: string }>(
        `insert into comfy_files (owner, type, subfolder, name, digest, file) values ($1, $2, $3, $4, $5, $6)
         on conflict (owner, type, subfolder, name)
         do update set digest = case when $7 then excluded.digest else comfy_files.digest end,
           file = case when $7 then excluded.file else comfy_files.file end
         returning digest`,
        [asker.name, address.type, address.subfolder, address.filename, upload.digest, upload.file, overwrite],
      )
      if (row!.digest === upload.digest) return address
    }
  }

  async find(asker: Asker, address: Address): Promise<FoundPicture | undefined> {
    const [row] = await this.#options.database.query<FoundPicture>(
      'select digest, file from comfy_files where owner = $1 and type = $2 and subfolder = $3 and name = $4',
      [asker.name, address.type, address.subfolder, address.filename],
    )
    return row ?? this.#ofJob(asker, address)
  }

  async #ofJob(asker: Asker, address: Address): Promise<FoundPicture | undefined> {
    const job = jobOfSubfolder(address.subfolder)
    const made = job === undefined ? undefined : await this.#options.jobs.row(asker, job).catch(asMissing)
    const output = made?.outputs.find((one) => {
      const its = addressOf(job!, one)
      return its?.filename === address.filename && its.subfolder === address.subfolder && its.type === address.type
    })
    return output && { digest: output.digest!, file: `upload/${output.digest}/${address.filename}` }
  }

  /** Throws request/not-found. */
  async read(asker: Asker, address: Address): Promise<{ bytes: Uint8Array; mediaType: string }> {
    const found = await this.find(asker, address)
    if (!found) throw notFound('picture', [address.type, address.subfolder, address.filename].filter(Boolean).join('/'))
    return this.#options.files.read(asker, found.digest)
  }

  /** Names of uploads, as a LoadImage offers them. */
  async names(asker: Asker): Promise<string[]> {
    const rows = await this.#options.database.query<{ name: string }>(
      `select name from comfy_files where owner = $1 and type = 'input' and subfolder = '' order by name limit 10000`,
      [asker.name],
    )
    return rows.map(({ name }) => name)
  }
}

/** `a.png`, `a (1).png`, … */
function numbered(name: string, count: number): string {
  if (count === 0) return name
  const at = name.lastIndexOf('.')
  return `${name.slice(0, at)} (${count})${name.slice(at)}`
}

function asMissing(error: unknown): undefined {
  if (error instanceof ServerProblem && error.code === 'request/not-found') return undefined
  throw error
}
