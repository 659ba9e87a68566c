import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { onLines } from './lines.js'

it('puts lines together from any pieces, without colours and empty lines, the last one too', async () => {
  const stream = new PassThrough()
  const lines: string[] = []
  onLines(stream, (line) => lines.push(line))
  for (const piece of ['on', 'e\r\n\ntwo \u001b[0;93mwarm', '\u001b[m\nth', 'rée']) stream.write(piece)
  stream.end()
  await new Promise((resolve) => stream.once('close', resolve))
  expect(lines).toEqual(['one', 'two warm', 'thrée'])
})
