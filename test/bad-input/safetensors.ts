// Safetensors files made by hand, so that their headers can lie.

/** A file of this header, text or value, and so many zero bytes of data. `length` is what it says of its header. */
export function safetensors(header: string | Uint8Array | object, dataBytes = 0, length?: bigint): Uint8Array {
  const text = typeof header === 'string' || header instanceof Uint8Array ? header : JSON.stringify(header)
  const json = Buffer.from(text as string)
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(length ?? BigInt(json.length))
  return Buffer.concat([prefix, json, Buffer.alloc(dataBytes)])
}

/** Whole float32 tensors of zeros, one behind the other. */
export function zeros(shapes: Readonly<Record<string, readonly number[]>>): Uint8Array {
  let end = 0
  const entries = Object.entries(shapes).map(([name, shape]) => {
    const begin = end
    end += shape.reduce((product, size) => product * size, 4)
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }]
  })
  return safetensors(Object.fromEntries(entries), end)
}
