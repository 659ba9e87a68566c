/** The flow that is built by mouse and by keyboard, and what must be seen of its run. */
import { expect } from 'vitest'
import type { EditorPage } from '../../apps/editor/src/testing/browser.js'
import type { Rig } from './rig.js'

export const prompt = 'the teapot [ref#1] on the left and the robot [ref#2] on the right, on the beach'

/** All links, as `node.socket`. */
export const builtLinks = [
  ['load.model', 'preset.model'],
  ['preset.model', 'encode-text.model'],
  ['preset.textTokens', 'encode-text.maxTokens'],
  ['picture.image', 'encode-reference.image'],
  ['preset.model', 'encode-reference.model'],
  ['preset.resolution', 'encode-reference.resolution'],
  ['picture-2.image', 'encode-reference-2.image'],
  ['preset.model', 'encode-reference-2.model'],
  ['preset.resolution', 'encode-reference-2.resolution'],
  ['encode-text.text', 'pack-conditions.text'],
  ['encode-reference.reference', 'pack-conditions.references'],
  ['encode-reference-2.reference', 'pack-conditions.references'],
  ['preset.model', 'sample.model'],
  ['pack-conditions.conditions', 'sample.conditions'],
  ['noise.latent', 'sample.noise'],
  ['preset.guidance', 'sample.guidance'],
  ['preset.model', 'decode.model'],
  ['sample.latent', 'decode.latent'],
  ['decode.image', 'save.image'],
] as const

/** Waits for the end of the run: every node done, pictures on the nodes that make some, a map for each reference. */
export async function flowIsRun(editor: EditorPage): Promise<void> {
  const { page } = editor
  await page.getByText(/^done in/).waitFor()
  const { phases, maps } = await editor.inside(({ tab: { run } }) => ({
    phases: [...run.state.nodes].map(([node, { phase }]) => `${node} ${phase}`),
    maps: [...new Set(run.state.routing.map(({ reference }) => reference))],
  }))
  expect(phases).toHaveLength(12)
  expect(phases.filter((line) => !/ (ran|cached)$/.test(line))).toEqual([])
  expect(maps).toEqual([1, 2])
  await expectPictures(editor, ['picture', 'picture-2', 'sample', 'save'])
  await page.locator('.canvas').focus()
  await page.keyboard.press('r')
  await page.getByRole('img', { name: /reference 1: \d+ % shared; reference 2/ }).waitFor()
  await page.locator('.canvas').focus()
  await page.keyboard.press('r')
}

/** Previews of steps are of the run as it goes; after a reload there are the files and what was made of them. */
export async function expectPictures({ page }: EditorPage, nodes = ['picture', 'picture-2', 'save']): Promise<void> {
  for (const node of nodes) {
    await page.waitForFunction((node) => {
      const image = document.querySelector<HTMLImageElement>(`[data-node="${node}"] img.node-picture`)
      return image?.complete && image.naturalWidth > 0
    }, node)
  }
}

export async function undoAll(editor: EditorPage): Promise<void> {
  const { page } = editor
  await page.locator('.canvas').focus()
  const steps = await editor.inside(({ tab }) => tab.store.history.length)
  expect(steps).toBeGreaterThan(20)
  for (let step = 0; step < steps; step++) await page.keyboard.press('Control+z')
}

/** Bytes of the newest picture that the server has. */
export async function lastPicture({ client }: Rig): Promise<Buffer<ArrayBuffer>> {
  const { items } = await client.call('jobs', { query: { limit: 1 } })
  const { digest } = items[0]!.outputs.find(({ mediaType }) => mediaType === 'image/png')!
  return Buffer.from(await client.artifact(digest!))
}
