// Texts that are no workflow documents. Each is a real file, read as the command line reads it.
import { truncate } from 'node:fs/promises'
import { readWorkflowFile } from '@dreamgraph/nodes'
import type { Place } from './place.js'
import { type BadInput, testBadInputs } from './table.js'

const rows: [name: string, content: string | Uint8Array, code: string, says?: string][] = [
  ['an empty file', '', 'document/not-json'],
  ['prose', 'Dear workflow, please make a cat.', 'document/not-json'],
  ['a file cut off in the middle', '{"dreamgraph": 2, "nodes": {"a": {"type": "val', 'document/not-json'],
  ['a comma too many', '{"dreamgraph": 2, "nodes": {},}', 'document/not-json'],
  ['a comment', '{"dreamgraph": 2, /* none */ "nodes": {}}', 'document/not-json'],
  [
    'NaN, which JSON lacks',
    '{"dreamgraph": 2, "nodes": {"a": {"type": "value/float", "params": {"value": NaN}}}}',
    'document/not-json',
  ],
  ['two documents in a row', '{"dreamgraph": 2, "nodes": {}}{}', 'document/not-json'],
  ['UTF-16', Buffer.from('\ufeff{"dreamgraph": 2, "nodes": {}}', 'utf16le'), 'document/not-json', 'UTF-8'],
  ['a picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), 'document/not-json'],
  [
    'a key twice',
    '{"dreamgraph": 2, "nodes": {"a": {"type": "value/int"}, "a": {"type": "value/text"}}}',
    'document/duplicate-key',
    '/nodes/a',
  ],
  [
    'a key twice, once in escapes',
    '{"dreamgraph": 2, "nodes": {}, "n\\u006fdes": {}}',
    'document/duplicate-key',
    '/nodes',
  ],
  ['a list', '[1, 2]', 'document/not-a-workflow'],
  ['null', 'null', 'document/not-a-workflow'],
  ['a document of another program', '{"last_node_id": 9, "nodes": [], "version": 0.4}', 'document/not-a-workflow'],
  ['a version in quotes', '{"dreamgraph": "2", "nodes": {}}', 'document/not-a-workflow'],
  ['a version between two', '{"dreamgraph": 1.5, "nodes": {}}', 'document/not-a-workflow'],
  ['version 0', '{"dreamgraph": 0, "nodes": {}}', 'document/not-a-workflow'],
  ['a newer version', '{"dreamgraph": 99, "nodes": {}}', 'document/newer-version', '99'],
  ['no nodes at all', '{"dreamgraph": 2}', 'document/shape', '/nodes'],
  ['nodes as a list', '{"dreamgraph": 2, "nodes": []}', 'document/shape', '/nodes'],
  ['a node without a type', '{"dreamgraph": 2, "nodes": {"a": {}}}', 'document/shape', '/nodes/a/type'],
  [
    'a node called __proto__ that is a number',
    '{"dreamgraph": 2, "nodes": {"__proto__": 5}}',
    'document/shape',
    '/nodes/__proto__',
  ],
  [
    'an input called __proto__ without a target',
    '{"dreamgraph": 2, "nodes": {}, "inputs": {"__proto__": {"type": "int"}}}',
    'document/shape',
    '/inputs/__proto__',
  ],
  [
    'a component called __proto__ that is text',
    '{"dreamgraph": 2, "nodes": {}, "components": {"__proto__": "x"}}',
    'document/shape',
    '/components/__proto__',
  ],
  [
    'params as a list',
    '{"dreamgraph": 2, "nodes": {"a": {"type": "value/int", "params": [1]}}}',
    'document/shape',
    '/nodes/a/params',
  ],
  [
    'a node version of 0',
    '{"dreamgraph": 2, "nodes": {"a": {"type": "value/int", "version": 0}}}',
    'document/shape',
    '/nodes/a/version',
  ],
  [
    'an unknown mode',
    '{"dreamgraph": 2, "nodes": {"a": {"type": "value/int", "mode": "off"}}}',
    'document/shape',
    '/nodes/a/mode',
  ],
  [
    'a link with one end',
    '{"dreamgraph": 2, "nodes": {}, "links": [{"from": {"node": "a", "socket": "b"}}]}',
    'document/shape',
    '/links/0/to',
  ],
  [
    'a link of version 1 without a dot',
    '{"dreamgraph": 1, "nodes": {}, "links": [{"from": "a", "to": "b.c"}]}',
    'document/shape',
    '/links/0/from',
  ],
  [
    'an input that goes to a param and a socket',
    '{"dreamgraph": 2, "nodes": {}, "inputs": {"x": {"type": "int", "to": [{"node": "a", "param": "b", "socket": "b"}]}}}',
    'document/shape',
    '/inputs/x/to/0',
  ],
  ['brackets a hundred thousand deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'document/too-large', 'nesting'],
  ['a hundred thousand and one nodes', manyNodes(100_001), 'document/too-large', '100001'],
]

const fromText: BadInput[] = rows.map(([name, content, code, says]) => ({
  name,
  attempt: async (place) => readWorkflowFile(await place.put('flow.json', content)),
  code,
  says,
}))

testBadInputs([
  ...fromText,
  {
    name: 'a file of 1 GiB',
    attempt: async (place: Place) => {
      const path = await place.put('flow.json', '')
      await truncate(path, 2 ** 30)
      return readWorkflowFile(path)
    },
    code: 'document/too-large',
    says: '1073741824',
  },
  {
    name: 'no file',
    attempt: (place) => readWorkflowFile(`${place.in}/none.json`),
    code: 'store/file-unreadable',
    says: 'none.json',
  },
  { name: 'a folder', attempt: (place) => readWorkflowFile(place.in), code: 'store/file-unreadable' },
])

function manyNodes(count: number): string {
  const nodes = Array.from({ length: count }, (_, i) => `"n${i}":{"type":"value/int"}`)
  return `{"dreamgraph":2,"nodes":{${nodes.join(',')}}}`
}
