// A node that passes a picture on after some seconds and tells of its progress ten times each: a run of a known length.
export default [
  {
    type: 'pace/wait',
    version: 1,
    title: 'Wait',
    inputs: { image: { type: 'image' } },
    params: { seconds: { kind: 'int', title: 'Seconds', default: 1, min: 1, max: 60 } },
    outputs: { image: { type: 'image' } },
    async run({ inputs: { image }, params, signal, progress }) {
      const total = params.seconds * 10
      for (let done = 1; done <= total; done++) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        signal.throwIfAborted()
        progress(done, total)
      }
      return { image }
    },
  },
]
