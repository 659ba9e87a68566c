import type { RgbImage } from '@dreamgraph/dreamo'
import { expect, test } from 'vitest'
import { runNode, surroundings } from '../testing/surroundings.js'
import { trainWorld } from './world.js'

test('shows a sheet of its samples to whoever looks, and draws none for nobody', async () => {
  const around = await surroundings()
  await runNode(trainWorld, {}, {}, around)
  expect(around.previews).toEqual([])
  const looked = { ...around, ctx: { ...around.ctx, wantsPreview: (kind: string) => kind === 'picture' } }
  await runNode(trainWorld, {}, { difficulty: 0.5 }, looked)
  expect(around.previews).toHaveLength(1)
  const { kind, image } = around.previews[0] as unknown as { kind: string; image: RgbImage }
  expect(kind).toBe('picture')
  expect(image.data).toHaveLength(image.width * image.height * 3)
  expect(new Set(image.data).size).toBeGreaterThan(50)
  await around.remove()
})
