/** The same flow without a mouse: from the address bar on, nothing but keys. */
import { expect, it } from 'vitest'
import type { EditorPage } from '../../apps/editor/src/testing/browser.js'
import { search } from './hands.js'
import { pictureFiles, type Rig } from './rig.js'
import { builtLinks, expectPictures, flowIsRun, lastPicture, prompt, undoAll } from './two-references.js'

export function buildByKeyboard(rig: () => Rig): void {
  it('by keyboard alone: the same, saved under a name', async () => {
    const editor = await rig().browser.open('')
    const { page } = editor
    page.on('dialog', (dialog) => void dialog.accept('by keyboard'))
    // Somebody always listens: the browser is told so only after the first listener has come, and on a busy machine the keys are faster.
    page.on('filechooser', () => {})
    const empty = await editor.inside((workspace) => workspace.tab.store.text)
    await tabTo(editor, 'Graph.')

    await add(editor, 'load model', 'load')
    await fill(editor, 'Name or folder', 'mini')
    // From the node one stands on to a new one.
    await page.keyboard.press('c')
    await search(page, 'dreamo preset')
    await fill(editor, 'Version', 'mini')
    await openFiles(editor, pictureFiles)
    await page.waitForSelector('[data-node="picture-2"] img')
    await add(editor, 'encode text', 'encode-text')
    await fill(editor, 'Prompt', prompt)
    await add(editor, 'encode reference', 'encode-reference')
    await add(editor, 'encode reference', 'encode-reference-2')
    await fill(editor, 'Slot', '2')
    await add(editor, 'pack conditions', 'pack-conditions')
    await add(editor, 'noise', 'noise')
    await fill(editor, 'Width', '128')
    await fill(editor, 'Height', '128')
    await add(editor, 'dreamo sample', 'sample')
    await fill(editor, 'Steps', '2')
    await add(editor, 'decode', 'decode')
    await add(editor, 'save image', 'save')

    const missing = builtLinks.slice(1)
    for (const output of new Set(missing.map(([from]) => from))) {
      await standOn(editor, output)
      for (const [from, to] of missing) if (from === output) await connect(editor, to)
    }
    await page.keyboard.press('Escape')
    await page.keyboard.press('l')
    await editor.until(({ tab }) => tab.store.state.undo === 'Arrange')
    expect((await editor.document()).links).toHaveLength(builtLinks.length)
    expect(await editor.inside((workspace) => workspace.problemsOf(workspace.tab).now().errors)).toEqual([])

    await page.keyboard.press('Control+Enter')
    await flowIsRun(editor)
    await page.keyboard.press('Control+Shift+S')
    await page.getByText('Saved “by keyboard”, revision 1').waitFor()
    const built = await editor.document()
    expect(built.nodes['encode-text']?.params?.text).toBe(prompt)
    const picture = await lastPicture(rig())

    await editor.reload()
    expect(await editor.document()).toEqual(built)
    await expectPictures(editor)
    await tabTo(editor, 'Graph.')
    await undoAll(editor)
    expect(await editor.inside((workspace) => workspace.tab.store.text)).toBe(empty)
    await openFiles(editor, { name: 'made.png', mimeType: 'image/png', buffer: picture })
    await page.waitForSelector('[data-node="sample"]')
    expect(await editor.document()).toEqual(built)
    expect(editor.faults).toEqual([])
    await editor.close()
  })
}

/** Tab until the focus is on what has a label that begins so. */
async function tabTo({ page }: EditorPage, label: string): Promise<void> {
  const name = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '')
  for (let presses = 0; !(await name()).startsWith(label); presses++) {
    expect(presses, `Tab reaches ${label}`).toBeLessThan(80)
    await page.keyboard.press('Tab')
  }
}

async function add({ page }: EditorPage, query: string, id: string): Promise<void> {
  await page.keyboard.press('Space')
  await search(page, query)
  await page.waitForSelector(`[data-node="${id}"].selected`)
}

/** Types into a field of the node that is selected, and goes back to the graph. */
async function fill(editor: EditorPage, label: string, value: string): Promise<void> {
  const { page } = editor
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.activeElement?.closest('.details'))
  await tabTo(editor, label)
  const isChoice = await page.evaluate(() => document.activeElement?.tagName === 'SELECT')
  if (isChoice) await page.keyboard.type(value)
  else {
    await page.keyboard.press('Control+a')
    await page.keyboard.insertText(value)
  }
  await page.keyboard.press('Escape')
  await page.waitForFunction(() => document.activeElement?.classList.contains('canvas'))
}

/** Goes to a node by the palette, then along its sockets to the one meant. */
async function standOn(editor: EditorPage, from: string): Promise<void> {
  const { page } = editor
  const [node, socket] = from.split('.') as [string, string]
  await page.keyboard.press('Control+k')
  await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'combobox')
  await page.keyboard.insertText(node)
  const active = () => page.evaluate(() => document.activeElement?.getAttribute('aria-activedescendant') ?? '')
  for (let presses = 0; !(await active()).endsWith(`-go-${node}`); presses++) {
    expect(presses, `the palette offers ${node}`).toBeLessThan(20)
    await page.keyboard.press('ArrowDown')
  }
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.activeElement?.classList.contains('canvas'))
  const cursor = () => editor.inside(({ tab }) => tab.view.state.cursor)
  for (let presses = 0; ; presses++) {
    const at = await cursor()
    if (at?.side === 'output' && at.socket === socket) return
    expect(presses, `Alt and arrows reach ${from}`).toBeLessThan(20)
    await page.keyboard.press('Alt+ArrowDown')
  }
}

/** Enter on a socket lists all that fits; what one types is what the list says. */
async function connect(editor: EditorPage, to: string): Promise<void> {
  const { page } = editor
  const words = await editor.inside((workspace, to) => {
    const [id, name] = to!.split('.')
    const { node, face } = workspace.canvas!.scene.nodes.get(id!)!
    const { title } = [...face.inputs, ...face.params].find((port) => port.name === name)!
    return `${title} ${node.title ?? face.title} (${id})`
  }, to)
  const { links = [] } = await editor.document()
  await page.keyboard.press('Enter')
  await search(page, words)
  expect((await editor.document()).links, to).toHaveLength(links.length + 1)
}

type Files = Parameters<import('playwright-core').FileChooser['setFiles']>[0]

async function openFiles({ page }: EditorPage, files: Files | readonly string[]): Promise<void> {
  const opened = page.waitForEvent('filechooser')
  await page.keyboard.press('Control+o')
  const chooser = await opened
  // A field that is not part of the page may be collected while its dialog is open; then nobody hears what was chosen.
  const field = page.locator('body > input[type=file]')
  expect(await field.count()).toBe(1)
  await chooser.setFiles(files as Files)
  await field.waitFor({ state: 'detached' })
}
