import type { Job } from '@dreamgraph/protocol'
import { expect, it } from 'vitest'
import { picturesOfJob } from './pictures-of-job.js'

const output = (digest: string, file?: string, mediaType = 'image/png') => ({ digest, file, mediaType })
const shown = (...outputs: ReturnType<typeof output>[]) =>
  picturesOfJob({ id: 'job', outputs } as unknown as Job).map(({ digest, file }) => file ?? digest)

it.each([
  ['an output that was saved, in other bytes', [output('a'), output('b', 'b.png')], ['b.png']],
  ['an output that was saved as it is', [output('a'), output('a', 'a.png')], ['a.png']],
  ['an output that was not saved', [output('a')], ['a']],
  [
    'a list of them, all saved',
    [output('a'), output('b'), output('c', 'c.png'), output('d', 'd.png')],
    ['c.png', 'd.png'],
  ],
  ['more outputs than files', [output('a'), output('b'), output('c', 'c.png')], ['a', 'b', 'c.png']],
  ['files that are no pictures', [output('a', 'a.csv', 'text/csv')], []],
] as const)('%s', (_, outputs, expected) => {
  expect(shown(...outputs)).toEqual(expected)
})
