/** A flow of two references from an empty canvas, run, saved, undone and opened from its own picture: by mouse. */
import { expect, it } from 'vitest'
import { addByMouse, drop, pull, pullToNew } from './hands.js'
import { pictureFiles, type Rig } from './rig.js'
import { builtLinks, expectPictures, flowIsRun, lastPicture, prompt, undoAll } from './two-references.js'

export function buildByMouse(rig: () => Rig): void {
  it('by mouse: search, wires, dropped pictures; run, save, reload, undo to nothing, open from the picture', async () => {
    const editor = await rig().browser.open('', { viewport: { width: 1700, height: 1050 } })
    const { page } = editor
    await page.getByRole('button', { name: 'Details' }).click()
    for (let click = 0; click < 2; click++) await page.getByRole('button', { name: 'Zoom out' }).click()
    const empty = await editor.inside((workspace) => workspace.tab.store.text)

    await addByMouse(page, { x: 20, y: 40 }, { query: 'load model', id: 'load' })
    await addByMouse(page, { x: 240, y: 40 }, { query: 'dreamo preset', id: 'preset' })
    await drop(page, { x: 20, y: 330 }, pictureFiles[0])
    await page.waitForSelector('[data-node="picture"] img')
    await drop(page, { x: 20, y: 560 }, pictureFiles[1])
    await page.waitForSelector('[data-node="picture-2"] img')
    await addByMouse(page, { x: 480, y: 40 }, { query: 'encode text', id: 'encode-text' })
    await addByMouse(page, { x: 480, y: 330 }, { query: 'encode reference', id: 'encode-reference' })
    await addByMouse(page, { x: 480, y: 560 }, { query: 'encode reference', id: 'encode-reference-2' })
    await pullToNew(page, 'encode-text.text', { x: 720, y: 60 }, 'pack conditions')
    await page.getByRole('button', { name: 'Nodes', exact: true }).click()
    await page.getByLabel('Search nodes').fill('noise')
    const canvas = page.locator('.canvas')
    const sideWidth = (await page.locator('.side.left').boundingBox())!.width
    await page
      .locator('.node-entry')
      .first()
      .dragTo(canvas, { targetPosition: { x: 720 - sideWidth, y: 330 } })
    await page.waitForSelector('[data-node="noise"]')
    await page.getByRole('button', { name: 'Nodes', exact: true }).click()
    await pullToNew(page, 'noise.latent', { x: 960, y: 60 }, 'dreamo sample')
    await pullToNew(page, 'sample.latent', { x: 1200, y: 60 }, 'decode')
    await pullToNew(page, 'decode.image', { x: 1200, y: 460 }, 'save image')

    for (const [from, to] of builtLinks) {
      const { links = [] } = await editor.document()
      const isThere = links.some((link) => from === end(link.from) && to === end(link.to))
      if (!isThere) await pull(page, from, to)
    }
    const field = (node: string, name: string) =>
      page.locator(`[data-node="${node}"]`).getByLabel(name, { exact: true })
    await field('load', 'Name or folder').fill('mini')
    await field('preset', 'Version').selectOption('mini')
    await field('encode-reference-2', 'Slot').fill('2')
    await field('noise', 'Width').fill('128')
    await field('noise', 'Height').fill('128')
    await field('sample', 'Steps').fill('3')
    await field('encode-text', 'Prompt').click()
    await page.keyboard.type(prompt)
    await page.locator('.canvas').click({ position: { x: 1000, y: 850 } })
    expect(await editor.inside((workspace) => workspace.problemsOf(workspace.tab).now().errors)).toEqual([])

    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await flowIsRun(editor)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Saved “untitled”, revision 1').waitFor()
    const built = await editor.document()
    expect(built.nodes['encode-text']?.params?.text).toBe(prompt)
    const picture = await lastPicture(rig())

    await editor.reload()
    expect(await editor.document()).toEqual(built)
    await expectPictures(editor)
    await undoAll(editor)
    expect(await editor.inside((workspace) => workspace.tab.store.text)).toBe(empty)

    await drop(page, { x: 300, y: 300 }, 'made.png', picture)
    await page.waitForSelector('[data-node="sample"]')
    expect(await editor.document()).toEqual(built)
    expect(editor.faults).toEqual([])
    await editor.close()
  })
}

const end = ({ node, socket }: { readonly node: string; readonly socket: string }): string => `${node}.${socket}`
