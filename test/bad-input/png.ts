// PNG files made by hand: whole ones, ones that lie, ones that carry any text.
import { crc32, deflateSync } from 'node:zlib'

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

/** A grey picture whose pixel (x, y) is `shade(x, y)`; `text` goes under the keyword of our own record. */
export function png(
  width: number,
  height: number,
  { shade = () => 255, text }: { shade?: (x: number, y: number) => number; text?: string } = {},
): Uint8Array {
  const rows = Array.from({ length: height }, (_, y) => [0, ...Array.from({ length: width }, (_, x) => shade(x, y))])
  const record = text === undefined ? [] : [chunk('tEXt', Buffer.from(`dreamgraph\0${text}`, 'latin1'))]
  const pixels = deflateSync(Uint8Array.from(rows.flat()))
  return Buffer.concat([
    signature,
    header(width, height),
    ...record,
    chunk('IDAT', pixels),
    chunk('IEND', new Uint8Array()),
  ])
}

/** A few bytes that claim to be a picture of any size. */
export function pixelBomb(width: number, height: number): Uint8Array {
  const pixels = deflateSync(new Uint8Array(100_000))
  return Buffer.concat([signature, header(width, height), chunk('IDAT', pixels), chunk('IEND', new Uint8Array())])
}

/** 8 bits a pixel, grey, not interlaced. */
function header(width: number, height: number): Uint8Array {
  const data = new DataView(new ArrayBuffer(13))
  data.setUint32(0, width)
  data.setUint32(4, height)
  data.setUint8(8, 8)
  return chunk('IHDR', new Uint8Array(data.buffer))
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(body.length + 8)
  frame.writeUInt32BE(data.length, 0)
  body.copy(frame, 4)
  frame.writeUInt32BE(crc32(body), body.length + 4)
  return frame
}
