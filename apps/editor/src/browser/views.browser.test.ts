import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { type EditorPage, seriousFindings } from '../testing/browser.js'
import { describeEditor } from '../testing/describe-editor.js'

describeEditor('views', (open) => {
  let editor: EditorPage

  const run = (page: Page) => page.getByRole('button', { name: 'Run', exact: true }).click()
  const openPanel = (panel: object) => editor.inside((workspace, panel) => workspace.page.set(panel as never), panel)

  it('a fault stands at its row and under its field; the list leads there, and one press mends it', async () => {
    editor = await open()
    const { page } = editor
    const text = JSON.stringify({
      dreamgraph: 2,
      nodes: { noise: { type: 'latent/noise', params: { width: 99_999 }, ui: { x: 0, y: 0 } } },
      links: [],
    })
    await editor.inside((workspace, text) => workspace.openText(text!, 'odd'), text)
    await page.locator('[data-node="noise"] .row.has-problem').waitFor()
    await openPanel({ right: 'problems' })
    await page.locator('.problem-go').first().click()
    await page.locator('.field-problems li').waitFor()
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Width')
    const described = await page.evaluate(() => document.activeElement?.getAttribute('aria-describedby'))
    expect(await page.locator(`[id="${described}"]`).textContent()).toMatch(/Expected .*got 99999/)
    expect(await seriousFindings(page, '.side.right')).toEqual([])
    await page.getByRole('button', { name: /^Use \d+$/ }).click()
    await page.locator('.field-problems').waitFor({ state: 'detached' })
    expect((await editor.document()).nodes.noise!.params!.width).toBeLessThan(99_999)
  })

  for (const theme of ['dark', 'light'] as const) {
    it(`training shows as curves with their numbers while it runs, and its table afterwards, ${theme}`, async () => {
      editor = await open('?demo&pace=0.004&open=templates/train-three-stages', { theme })
      const { page } = editor
      await editor.inside((workspace) =>
        workspace.tab.apply({
          name: 'model',
          change: (draft) => {
            draft.inputs!.model!.default = 'mini'
          },
        }),
      )
      await page.waitForTimeout(300)
      await page.getByRole('button', { name: /^Training/ }).click()
      await run(page)
      await page.locator('.loss-chart canvas').nth(1).waitFor()
      await page.getByText(/^done in/).waitFor()
      expect(await page.locator('.training-stage').count()).toBe(3)
      await page.getByRole('rowheader', { name: 'style' }).waitFor()
      expect(await seriousFindings(page, '.side.right')).toEqual([])
      await openPanel({ left: 'queue' })
      await page.getByRole('button', { name: /^Losses:/ }).click()
      await page.getByRole('heading', { name: /^Losses: / }).waitFor()
      await page.locator('.loss-chart canvas').nth(1).waitFor()
    })
  }

  it('a flow of ComfyUI opens with a report of what became of each node', async () => {
    editor = await open()
    const { page } = editor
    await page.evaluate(() => {
      const data = new DataTransfer()
      data.items.add(new File(['{"1": {"class_type": "KSampler", "inputs": {}}}'], 'theirs.json'))
      document
        .querySelector('.canvas')!
        .dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))
    })
    const dialog = page.getByRole('dialog', { name: 'theirs: imported from ComfyUI' })
    await dialog.getByText('SomeCustomNode').waitFor()
    expect(await seriousFindings(page, 'dialog')).toEqual([])
    await dialog.getByText('Mapped', { exact: false }).last().click()
    await dialog.getByRole('button', { name: 'sample' }).click()
    expect(await editor.inside((workspace) => [...workspace.tab.view.state.nodes])).toEqual(['sample'])
  })

  it('inputs have words of their own, and a run may have other values than the workflow', async () => {
    editor = await open('?demo&pace=0.01&open=templates/mini')
    const { page } = editor
    await page.getByRole('button', { name: 'steps: title and description' }).click()
    const words = page.locator('.input-words')
    await words.getByRole('textbox', { name: 'Title' }).fill('How many steps')
    await words.getByRole('textbox', { name: 'Name' }).fill('count')
    await page.keyboard.press('Enter')
    const before = await editor.document()
    expect(before.inputs?.count).toMatchObject({ title: 'How many steps', default: 12 })
    expect(before.inputs?.steps).toBeUndefined()
    expect(await seriousFindings(page, '.side.right')).toEqual([])

    await page.keyboard.press('Alt+Shift+Enter')
    const dialog = page.getByRole('dialog', { name: 'Run with other values' })
    const steps = dialog.getByRole('spinbutton', { name: 'How many steps' })
    await steps.fill('5')
    await steps.blur()
    expect(await seriousFindings(page, 'dialog')).toEqual([])
    await dialog.getByRole('button', { name: 'Run' }).click()
    await page.getByText(/^done in/).waitFor()
    expect(await editor.inside((workspace) => workspace.tab.run.state.steps.get('sample'))).toBe(5)
    expect(await editor.document()).toEqual(before)
  })

  it('tells of references: what the model gets, where each looks by step and layers, what a run takes, which presets fit', async () => {
    editor = await open('?demo&pace=0.01&open=templates/mini')
    const { page } = editor
    await openPanel({ right: 'dreamo' })
    await page.getByRole('radio', { name: /mini.*weights fit/ }).waitFor()
    await page.getByText('known after the first run').waitFor()
    await page.getByText(/MiB on a CPU/).waitFor()
    await page.getByRole('button', { name: 'See what the model gets' }).click()
    await page.getByAltText('Reference 2 as the model gets it').waitFor()
    expect((await editor.document()).nodes).not.toHaveProperty('look-subject1-reference')

    await run(page)
    await page.getByText(/^done in/).waitFor()
    const head = page.locator('.leakage thead th')
    expect(await head.allTextContents()).toEqual(['Reference', 'all', 'early', 'middle', 'late'])
    await page.getByRole('combobox', { name: 'Layers' }).selectOption('late')
    await page.getByRole('slider', { name: 'Step' }).press('Home')
    await page.getByText('Leakage after step 1:').waitFor()
    await page.getByText(/a step, .* for 12, as the run before/).waitFor()
    expect(await seriousFindings(page, '.side.right')).toEqual([])

    // Another picture, dropped on the card of the second reference.
    await page.evaluate(() => {
      const data = new DataTransfer()
      data.items.add(new File([Uint8Array.of(1, 2, 3)], 'other.png', { type: 'image/png' }))
      document
        .querySelectorAll('.reference')[1]!
        .dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))
    })
    await page.waitForFunction(() => {
      const { dreamgraph } = window as never as { dreamgraph: { tab: { store: { document: { inputs: Inputs } } } } }
      type Inputs = Record<string, { default?: unknown }>
      return dreamgraph.tab.store.document.inputs.subject2?.default === 'other.png'
    })
  })

  it('waiting jobs change places, and pictures are found by words', async () => {
    editor = await open('?demo&pace=0.01&open=templates/mini')
    const { page } = editor
    await openPanel({ left: 'queue' })
    await page.getByRole('button', { name: 'Hold the queue' }).click()
    await page.getByText('The queue is held').waitFor()
    for (const title of ['one', 'two', 'three']) {
      await editor.inside((workspace, title) => workspace.tab.place.set({ title: title! }), title)
      await page.keyboard.press('Control+Enter')
      await page.locator('.job-title', { hasText: title }).waitFor()
    }
    const titles = () => page.locator('.job-title').allTextContents()
    expect(await titles()).toEqual(['one', 'two', 'three'])
    await page.getByRole('button', { name: 'Later: one' }).click()
    await page.waitForFunction(() => document.querySelector('.job-title')?.textContent === 'two')
    await page.getByRole('button', { name: 'Earlier: three' }).click()
    await page.waitForFunction(() => document.querySelectorAll('.job-title')[1]?.textContent === 'three')
    expect(await titles()).toEqual(['two', 'three', 'one'])
    await page.getByRole('button', { name: 'Let jobs start again' }).click()
    await page.waitForFunction(() => document.querySelectorAll('.job.finished').length === 3)

    await page.getByRole('button', { name: 'Gallery' }).click()
    await page.locator('.pictures img').nth(2).waitFor()
    await page.getByRole('searchbox', { name: 'Search pictures' }).fill('three')
    await page.waitForFunction(() => document.querySelectorAll('.pictures img').length === 1)
    expect(await seriousFindings(page, '.side.left')).toEqual([])
  })

  it('every save is a revision that opens beside; over a newer one it asks, and says what differs', async () => {
    editor = await open('?demo&pace=0.01&open=templates/mini')
    const { page } = editor
    await page.keyboard.press('Control+s')
    await page.getByText(/Saved .*, revision 1/).waitFor()
    await page.locator('.canvas').focus()
    await page.keyboard.press('n')
    await page.keyboard.press('Control+s')
    await page.getByText(/Saved .*, revision 2/).waitFor()
    await openPanel({ right: 'history' })
    await page.getByRole('button', { name: /^2.*open here/ }).waitFor()
    expect(await seriousFindings(page, '.side.right')).toEqual([])

    // Somebody else saves meanwhile, without the note and with one node less.
    await editor.inside(async ({ backend, tab }) => {
      const { name, revision } = tab.place.state
      const document = JSON.parse(tab.store.text)
      delete document.notes
      delete document.nodes.save
      await backend.save(name!, JSON.stringify(document), revision)
    })
    await page.keyboard.press('Control+s')
    const dialog = page.getByRole('dialog', { name: /saved elsewhere meanwhile/ })
    await dialog.getByText('Nodes that only yours has').waitFor()
    expect(await dialog.locator('dd').allTextContents()).toEqual(['save', 'notes'])
    expect(await seriousFindings(page, 'dialog')).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /^1\b/ }).click()
    expect(await editor.inside((workspace) => workspace.page.state.tabs.length)).toBe(2)
  })
})
