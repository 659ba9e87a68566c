// The param of the nodes that open models.
import { quantizeSchemes } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'

export const quantizeParam = () =>
  p.choice(['none', ...quantizeSchemes], {
    title: 'Quantize',
    default: 'none',
    description:
      'Weights of the transformer in fewer bits. fp16: for GPUs, which take it unasked for weights of 16 bits. int8: fastest on CPUs, a quarter of the memory of float32. int8-block: ' +
      'more exact. int4-block: half of that memory, less exact. Made on first use and kept on disk.',
  })
