// A node pack: this folder, added by `dreamgraph run flow.json --pack examples/packs/posterize`. Adds posterize/posterize,
// which paints a picture in few brightnesses, and posterize/palette, which counts its colours.
import { levelTable } from './levels.mjs'

export default [
  {
    type: 'posterize/posterize', // the pack's name comes first
    version: 1, // another one when equal inputs may give other outputs
    title: 'Posterize',
    description: 'Paints each channel in a few brightnesses, evenly spaced.',
    inputs: { image: { type: 'image' } },
    params: { levels: { kind: 'int', title: 'Levels', default: 4, min: 2, max: 256 } },
    outputs: { image: { type: 'image' } },
    async run({ inputs: { image }, params, signal, progress }) {
      const { width, height, channels } = image
      const table = levelTable(params.levels)
      const data = image.data.slice()
      for (let y = 0; y < height; y++) {
        const row = data.subarray(y * width * channels, (y + 1) * width * channels)
        // The last of four channels is the transparency.
        for (let i = 0; i < row.length; i++) if (channels < 4 || i % 4 < 3) row[i] = table[row[i]]
        if (y % 256 > 0) continue
        progress(y, height)
        await new Promise(setImmediate) // lets a cancel come through
        signal.throwIfAborted()
      }
      return { image: { width, height, channels, data } }
    },
  },
  {
    type: 'posterize/palette',
    version: 1,
    title: 'Count colours',
    description: 'How many different colours a picture has.',
    inputs: { image: { type: 'image' } },
    outputs: { colors: { type: 'int' } },
    run({ inputs: { image } }) {
      const { channels, data } = image
      const seen = new Set()
      for (let at = 0; at < data.length; at += channels) {
        let color = 0
        for (let c = 0; c < channels; c++) color = color * 256 + data[at + c]
        seen.add(color)
      }
      return { colors: seen.size }
    },
  },
]
