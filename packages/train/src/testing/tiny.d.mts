import type { Component, FluxConfig } from '@dreamgraph/dreamo'
import type { Batch, BatchSource, TrainConfig, TrainedModel } from '../index.js'

export function tinyTransformer(): Promise<Component<FluxConfig>>
export function tinyConfig(stage?: object, rest?: object): TrainConfig
export function tinyModel(options?: { rank: number; seed: bigint }): Promise<TrainedModel>
export function tinySource(change?: (batch: Batch, step: number) => Batch): BatchSource
