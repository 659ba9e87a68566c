import type { Model } from '@dreamgraph/dreamo'

export declare function paint(model: Model, seed: bigint): Promise<string[]>
