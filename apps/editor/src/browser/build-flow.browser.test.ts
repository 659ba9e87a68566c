import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { describeEditor } from '../testing/describe-editor.js'

describeEditor('building a flow', (open) => {
  it('by mouse: nodes by double click, wires by drag, a node at the end of a wire; undo to the start, redo to the end', async () => {
    const editor = await open()
    const { page } = editor
    const before = await editor.inside((workspace) => workspace.tab.store.text)
    await addByDoubleClick(page, 160, 160, 'load image')
    await addByDoubleClick(page, 480, 160, 'resize')
    await pull(page, socket('load', 'output', 'image'), socket('resize', 'input', 'image'))
    await pullToEmpty(page, socket('resize', 'output', 'image'), 780, 420)
    await page.keyboard.type('save')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-node="save"]')
    const built = await editor.document()
    expect(Object.keys(built.nodes)).toEqual(['load', 'resize', 'save'])
    expect(built.links).toEqual([
      { from: { node: 'load', socket: 'image' }, to: { node: 'resize', socket: 'image' } },
      { from: { node: 'resize', socket: 'image' }, to: { node: 'save', socket: 'image' } },
    ])

    await page.locator('.canvas').focus()
    for (let step = 0; step < 10; step++) await page.keyboard.press('Control+z')
    expect(await editor.inside((workspace) => workspace.tab.store.text)).toBe(before)
    for (let step = 0; step < 10; step++) await page.keyboard.press('Control+y')
    expect(await editor.document()).toEqual(built)
  })

  it('by keyboard alone: add, connect to a new node and to an old one, set a param, move, undo', async () => {
    const editor = await open()
    const { page } = editor
    await page.locator('.canvas').focus()
    await page.keyboard.press('Space')
    await page.locator('.popup [role=combobox]').waitFor()
    await page.keyboard.type('load image')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-node="load"]')
    await page.keyboard.press('c')
    await page.locator('.popup [role=combobox]').waitFor()
    await page.keyboard.type('crop')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-node="crop"]')
    expect((await editor.document()).links).toHaveLength(1)

    // From socket to socket, and from there to a node that is there already.
    await page.keyboard.press('Space')
    await page.locator('.popup [role=combobox]').waitFor()
    await page.keyboard.type('composite')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-node="composite"]')
    await page.keyboard.press('Alt+ArrowDown')
    await page.keyboard.press('Enter')
    await page.locator('.popup [role=combobox]').waitFor()
    await page.keyboard.type('(crop)')
    await page.keyboard.press('Enter')
    const { links } = await editor.document()
    expect(links).toContainEqual({ from: { node: 'crop', socket: 'image' }, to: { node: 'composite', socket: 'base' } })

    await page.keyboard.press('Escape')
    await page.keyboard.press('Enter')
    const opacity = page.locator('.details').getByRole('spinbutton', { name: 'Opacity' })
    await opacity.focus()
    await page.keyboard.press('ArrowDown')
    expect((await editor.document()).nodes.composite?.params).toEqual({ opacity: 0.99 })

    await page.locator('.canvas').focus()
    const { x = 0 } = (await editor.document()).nodes.composite!.ui!
    await page.keyboard.press('Control+ArrowRight')
    expect((await editor.document()).nodes.composite!.ui!.x).toBe(x + 10)
    for (let step = 0; step < 12; step++) await page.keyboard.press('Control+z')
    expect((await editor.document()).nodes).toEqual({})
  })

  it('a link that does not fit says why and offers what would convert', async () => {
    const editor = await open()
    const { page } = editor
    await addByDoubleClick(page, 140, 150, 'load image')
    await addByDoubleClick(page, 520, 150, 'grow mask')
    await pull(page, socket('load', 'output', 'image'), socket('grow', 'input', 'mask'))
    const refusal = page.getByRole('alertdialog')
    expect(await refusal.textContent()).toContain('takes “Mask”')
    await refusal
      .getByRole('button', { name: /Mask from image|Split transparency|Remove background/ })
      .first()
      .click()
    const { links, nodes } = await editor.document()
    expect(Object.keys(nodes)).toHaveLength(3)
    expect(links).toHaveLength(2)
  })

  it('copies and pastes with links, groups, mutes, makes a component and unpacks it', async () => {
    const editor = await open('?demo&pace=0.02&open=templates/mini')
    const { page } = editor
    await page.locator('.canvas').focus()
    const count = Object.keys((await editor.document()).nodes).length
    await page.keyboard.press('Control+a')
    await page.keyboard.press('Control+d')
    const doubled = await editor.document()
    expect(Object.keys(doubled.nodes)).toHaveLength(2 * count)
    await page.keyboard.press('m')
    expect(Object.values((await editor.document()).nodes).filter(({ mode }) => mode === 'mute')).toHaveLength(count)
    await page.keyboard.press('Control+g')
    expect((await editor.document()).groups).toHaveLength(1)
    await page.keyboard.press('Control+z')
    await page.keyboard.press('Control+z')
    await page.keyboard.press('Control+z')

    await editor.inside((workspace) => workspace.tab.select(['noise', 'sample']))
    await page.keyboard.press('Control+Shift+G')
    const made = await editor.document()
    expect(Object.keys(made.components ?? {})).toEqual(['component'])
    expect(await editor.inside((workspace) => workspace.problemsOf(workspace.tab).now().errors)).toEqual([])
    await page.keyboard.press('Enter')
    await page.getByRole('navigation', { name: 'Open components' }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await page.keyboard.type('unpack')
    await page.keyboard.press('Enter')
    const unpacked = await editor.document()
    expect(unpacked.components).toBeUndefined()
    expect(Object.keys(unpacked.nodes)).toHaveLength(count)
  })
})

const socket = (node: string, side: 'input' | 'output', name: string): string =>
  `[data-owner="${node}"][data-side="${side}"][data-socket="${name}"]`

async function addByDoubleClick(page: Page, x: number, y: number, query: string): Promise<void> {
  const box = (await page.locator('.canvas').boundingBox())!
  await page.mouse.dblclick(box.x + x, box.y + y)
  await page.locator('.popup [role=combobox]').waitFor()
  await page.waitForTimeout(60)
  await page.keyboard.type(query)
  await page.keyboard.press('Enter')
  await page.waitForTimeout(120)
}

async function pull(page: Page, from: string, to: string): Promise<void> {
  const start = (await page.locator(from).boundingBox())!
  const end = (await page.locator(to).boundingBox())!
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2)
  await page.mouse.down()
  await page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2 + 30, { steps: 3 })
  await page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 3 })
  await page.mouse.up()
  await page.waitForTimeout(80)
}

async function pullToEmpty(page: Page, from: string, x: number, y: number): Promise<void> {
  const start = (await page.locator(from).boundingBox())!
  const box = (await page.locator('.canvas').boundingBox())!
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + x, box.y + y, { steps: 5 })
  await page.mouse.up()
  await page.locator('.popup [role=combobox]').waitFor()
  await page.waitForTimeout(60)
}
