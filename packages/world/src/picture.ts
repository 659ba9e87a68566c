// Pictures and masks as plain bytes.

/** height × width × 3 bytes: red, green, blue, rows from the top. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** height × width bytes, each 0 or 255, rows from the top. */
export interface Mask {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}
