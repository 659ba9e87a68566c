// Draws the references of the workflow for the small model: node examples/pictures/draw-mini.mjs (after npm run build)
// Both designs belong to the held-out split: no training picture shows them.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { renderSample } from '@dreamgraph/world'
import sharp from 'sharp'

const folder = dirname(fileURLToPath(import.meta.url))

for (const kind of ['teapot', 'robot']) {
  const { picture } = held(kind).references[0]
  const { width, height, data } = picture
  await sharp(Buffer.from(data), { raw: { width, height, channels: 3 } })
    .png()
    .toFile(join(folder, `mini-${kind}.png`))
}

/** The first held-out sample of one subject that is of this kind. */
function held(kind) {
  for (let index = 0; ; index++) {
    const sample = renderSample({ seed: 'example', index, split: 'test', task: 'subject' })
    if (sample.scene.actors[0].design.kind === kind) return sample
  }
}
