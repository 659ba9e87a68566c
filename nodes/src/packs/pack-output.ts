// What a pack prints, and what it says of its errors: text of a stranger, made harmless and short before anybody sees it.
import type { Readable } from 'node:stream'

const maxLineChars = 500
const maxLines = 1000
const keptLines = 8
/** Frames of a stack, of JavaScript or of native code: of little use, and many. */
const stackFrame = /^\s*(at |\d+: 0x)/

/** Text of a pack without control characters, which a terminal would obey; line breaks stay. */
export function harmless(text: string, maxChars: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  const plain = text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
  return plain.length <= maxChars ? plain : `${plain.slice(0, maxChars)}…`
}

/** Hands on the lines of a stream as they come, at most a thousand. */
export function packLines(streams: readonly Readable[], onLine: (line: string) => void): { last(): string } {
  const last: string[] = []
  let count = 0
  const take = (text: string): void => {
    const line = harmless(text, maxLineChars).trimEnd()
    if (line === '') return
    if (!stackFrame.test(line)) last.push(line)
    if (last.length > keptLines) last.shift()
    if (++count <= maxLines) onLine(count < maxLines ? line : '… and no more is shown of what it prints')
  }
  for (const stream of streams) {
    let rest = ''
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop()!.slice(0, maxLineChars + 1) // of a line without end, no more than will be shown
      lines.forEach(take)
    })
    stream.once('end', () => take(rest))
  }
  return { last: () => last.join('\n') }
}
