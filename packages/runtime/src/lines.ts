/** Splits a stream into lines as its data arrives: unlike readline, all lines are out before the stream's 'close'. */

import type { Readable } from 'node:stream'

/** Terminal colours: onnxruntime prints them into pipes too. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC is what starts a colour code
const colour = /\u001b\[[0-9;]*m/g

/** Calls back for each line that is not empty, colours removed; a last line without its end counts. */
export function onLines(stream: Readable, callback: (line: string) => void): void {
  let rest = ''
  const pass = (line: string) => {
    const text = line.replace(colour, '').trimEnd()
    if (text !== '') callback(text)
  }
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    lines.forEach(pass)
  })
  stream.once('end', () => pass(rest))
}
