// Trains the tiny model in the folder of argv[2] and prints a line for each step; to be killed at any moment.
import { openRuntime } from '@dreamgraph/runtime'
import { trainStage } from '../../dist/index.js'
import { tinyConfig, tinyModel, tinySource } from './tiny.mjs'

const runtime = await openRuntime({ device: 'cpu', threads: 1 })
await trainStage({
  runtime,
  config: tinyConfig({ steps: 14 }),
  stageIndex: 0,
  model: await tinyModel(),
  source: tinySource(),
  folder: process.argv[2],
  onStep: ({ step }) => console.log(step),
})
await runtime.close()
