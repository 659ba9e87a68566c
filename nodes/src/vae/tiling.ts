// The tiling params that decode and encode share.
import type { TilingOptions } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'

export const tilingParams = {
  tile: p.int({
    title: 'Tile',
    default: 1024,
    min: 0,
    max: 8192,
    step: 16,
    description: 'Larger pictures are cut into tiles of this side in pixels, to bound memory. 0: never.',
  }),
  overlap: p.int({
    title: 'Overlap',
    default: 128,
    min: 0,
    max: 4096,
    step: 8,
    description: 'Pixels that neighbouring tiles share; more hides the seams better.',
  }),
}

export const tilingOf = ({ tile, overlap }: { tile: number; overlap: number }): TilingOptions | undefined =>
  tile === 0 ? undefined : { tile, overlap }
