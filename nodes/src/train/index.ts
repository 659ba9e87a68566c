import { trainData } from './data.js'
import { trainLossPlot } from './loss-plot.js'
import { trainSaveAdapter } from './save-adapter.js'
import { trainSaveLosses } from './save-losses.js'
import { trainStage } from './stage.js'
import { trainWorld } from './world.js'

export const trainNodes = [trainData, trainWorld, trainStage, trainSaveAdapter, trainSaveLosses, trainLossPlot] as const
