// `node apps/mini/dist/train-adapter.js --folder F [--share 0.3]`: stages 1 to 3 on the base in F/model. Resumes what is there.
import { join } from 'node:path'
import { openRuntime } from '@dreamgraph/runtime'
import { openGround, trainAdapterOn } from './adapter.js'
import { writeDreamo } from './model-folder.js'
import { readOptions } from './options.js'
import { printEvery, printFile } from './progress.js'
import { adapterConfig, shortened } from './recipe.js'

const { folder, share } = readOptions()
const config = shortened(adapterConfig, share)
const runtime = await openRuntime({ device: 'cpu' })
const ground = await openGround(runtime, folder, { share, onFile: printFile })
const learnt = await trainAdapterOn(ground, { config, folder: join(folder, 'adapter'), onStep: printEvery(50) })
await writeDreamo(join(folder, 'model'), learnt, config.rank)
await runtime.close()
console.log(`written to ${join(folder, 'model/DreamO')}`)
