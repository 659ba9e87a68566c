// Every fault of files and paths that a user can cause, under one stable code each.

/** Code → meaning. Codes are stable: scripts may match on them. */
export const storeErrorCodes = {
  'store/path-outside': 'a path leaves the folder that it must stay in, or is written in a form that could',
  'store/file-unreadable': 'a file is absent, a folder, or may not be read',
  'store/file-changing': 'a file kept changing while it was read',
  'store/write-failed': 'a file could not be written; what was there before is untouched',
  'store/folder-in-use': 'another process is at work in a folder',
  'store/key-invalid': 'a cache key is not 16 to 128 hexadecimal digits',
  'store/disk-full': 'a disk has less space than a download takes',
  'store/hub-unreachable': 'a hub cannot be reached, keeps failing, or asks to come back much later',
  'store/hub-refused': 'a hub wants a token, another token, or a licence to be accepted first',
  'store/hub-missing': 'a hub has no such repository, revision or file',
  'store/hub-invalid': 'a hub has no usable address, or answers in another form than hubs do',
  'store/download-refused': 'a download would bring pickles, which may run code, or nothing at all',
  'store/download-mixed': 'a folder to download into already holds the files of another repository',
  'store/download-damaged': 'what a hub sent was not what its listing says, twice',
} as const

export type StoreErrorCode = keyof typeof storeErrorCodes

/** A user's fault in files or paths. Message: `<where>: expected <rule>, got <value>`. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly userFault = true as const

  constructor(
    readonly code: StoreErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options)
  }
}
