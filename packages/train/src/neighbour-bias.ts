// Where T5's heads look before they have learnt anything.
import type { T5Config } from '@dreamgraph/dreamo'

/** e⁴ ≈ 55: a handful of neighbours outweighs all the rest of a caption of some 50 tokens. */
const favour = 4

/**
 * Starting values of T5's relative position biases, [buckets, heads]: heads look ahead and behind by turns, the first two at
 * the next 3 tokens, each further pair at a wider stretch beyond, and heads that no stretch is left for everywhere. FLUX gives
 * text tokens no positions of their own, so what stands beside what is known from T5 alone. From zero, as transformers starts
 * them, heads average the whole caption, and in 3,900 steps of the mini model they did not leave that: colours, kinds and
 * places of two things went to either.
 */
export function neighbourBias({ numBuckets, numHeads }: Pick<T5Config, 'numBuckets' | 'numHeads'>): Float32Array {
  const half = numBuckets / 2 // buckets from here on are of keys ahead
  return Float32Array.from({ length: numBuckets * numHeads }, (_, i) => {
    const [bucket, head] = [Math.floor(i / numHeads), i % numHeads]
    const [away, isAhead] = [bucket % half, bucket >= half]
    const pair = Math.floor(head / 2)
    const isMine = isAhead === (head % 2 === 0) && away >= 1 + 2 * pair && away <= 3 + 5 * pair
    return isMine ? favour : 0
  })
}
