// A process that downloads until it is done or killed.
import { downloadFiles, listHubFiles, openHub } from '@dreamgraph/store'

const [url, folder] = process.argv.slice(2)
const hub = openHub({ url, token: '' })
const listing = await listHubFiles(hub, { repo: 'owner/model' })
await downloadFiles({ hub, listing, folder, onProgress: ({ doneBytes }) => process.send(doneBytes) })
process.disconnect()
