// A picture of noise, which takes its time to resize and to write.
import sharp from 'sharp'

export async function grain(side = 700) {
  const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * i * 31 + i * 57) & 255)
  return new Uint8Array(
    await sharp(data, { raw: { width: side, height: side, channels: 3 } })
      .png()
      .toBuffer(),
  )
}
