// npm start: the server with its editor, in the foreground until Ctrl-C. Arguments go to `dreamgraph serve`.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
process.argv = [process.argv[0], join(root, 'apps/cli/bin/dreamgraph.js'), 'serve', ...process.argv.slice(2)]
await import('../apps/cli/bin/dreamgraph.js')
