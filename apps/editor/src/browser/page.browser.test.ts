import type { BrowserContext, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { Workspace } from '../app/workspace.js'
import { bigWorkflowText } from '../testing/big-workflow.js'
import { seriousFindings } from '../testing/browser.js'
import { describeEditor } from '../testing/describe-editor.js'

describeEditor('the page', (open) => {
  it('opens a workflow that is dropped on it, and refuses what is none', async () => {
    const editor = await open()
    const { page } = editor
    const drop = (name: string, text: string) =>
      page.evaluate(
        ([name, text]) => {
          const data = new DataTransfer()
          data.items.add(new File([text!], name!, { type: 'application/json' }))
          document
            .querySelector('.canvas')!
            .dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))
        },
        [name, text],
      )
    const text = '{"dreamgraph": 2,  "nodes": {"a": {"type": "value/int", "ui": {"x": 10, "y": 10}}}, "links": []}'
    await drop('mine.json', text)
    await page.waitForSelector('[data-node="a"]')
    expect(await editor.inside((workspace) => workspace.tab.store.text)).toBe(text)
    await drop('broken.json', '{"dreamgraph": 99, "nodes": {}}')
    await page.getByText('broken: document /dreamgraph').waitFor()
  })

  it('runs: progress and times on nodes, the picture in the gallery, the second run from the cache', async () => {
    const editor = await open('?demo&pace=0.02&open=templates/mini')
    const { page } = editor
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByText(/^done in/).waitFor()
    const phases = await editor.inside((workspace) =>
      [...workspace.tab.run.state.nodes.values()].map(({ phase }) => phase),
    )
    expect(new Set(phases)).toEqual(new Set(['ran']))
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.waitForFunction(() => document.querySelectorAll('.badge').length > 0)
    await page.getByText('cached').first().waitFor()
    await page.getByText(/^done in/).waitFor()
    await page.getByRole('button', { name: 'Gallery' }).click()
    await page.locator('.pictures img').nth(1).waitFor()
    await page.locator('.pictures input').nth(0).check()
    await page.locator('.pictures input').nth(1).check()
    await page.getByRole('slider', { name: 'Where the first picture ends' }).waitFor()
  })

  it('does not run what has problems, and leads to them', async () => {
    const editor = await open('?demo&pace=0.02&open=templates/style')
    const { page } = editor
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('heading', { name: 'Problems' }).waitFor()
    await page.locator('.problem').first().click()
    // The model is an input without a value: the click leads to its field.
    await page.locator('.details').waitFor()
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Model')
  })

  it('keeps unsaved work over a reload, and revisions apart', async () => {
    const editor = await open('?demo&pace=0.02&open=templates/mini')
    const { page } = editor
    await page.locator('.canvas').focus()
    await page.keyboard.press('n')
    await page.waitForTimeout(900)
    await page.goto(page.url().replace('&open=templates/mini', ''))
    await page.waitForSelector('.note')
    expect((await editor.document()).notes).toHaveLength(1)
  })

  it('a duplicated window has copies of the tabs, and each keeps its own', async () => {
    const editor = await open()
    const { page, context } = editor
    const text = '{"dreamgraph": 2, "nodes": {"a": {"type": "value/int", "ui": {"x": 10, "y": 10}}}, "links": []}'
    await editor.inside((workspace, text) => workspace.openText(text!, 'mine'), text)
    await page.waitForSelector('[data-node="a"]')
    // Which of the nodes `hers` and `his` each draft has; they are written a moment after the last change.
    const drafts = () =>
      page.evaluate(() => {
        const texts = Object.values(localStorage).filter((text) => text.includes('value/int'))
        return texts.map((text) => ['hers', 'his'].filter((id) => text.includes(id)).join()).sort()
      })
    await expect.poll(drafts, { timeout: 30_000 }).toEqual([''])
    const duplicate = await duplicateOf(page, context)
    await duplicate.waitForSelector('[data-node="a"]')
    await addInt(duplicate, 'hers')
    await addInt(page, 'his')
    await expect.poll(drafts, { timeout: 30_000 }).toEqual(['hers', 'his'])
    for (const [window, own, others] of [
      [page, 'his', 'hers'],
      [duplicate, 'hers', 'his'],
    ] as const) {
      await window.reload()
      await window.waitForSelector(`[data-node="${own}"]`)
      expect(await window.locator(`[data-node="${others}"]`).count()).toBe(0)
    }
  })

  it('fields stay inside their nodes and panels, and what is typed into inside its field', async () => {
    const { page } = await open('?demo&pace=0.02&open=templates/mini')
    await page.waitForSelector('[data-node="sample"] .field')
    const outside = await page.evaluate(() => {
      const slack = 1
      const isInside = (inner: Element, outer: Element): boolean => {
        const [a, b] = [inner.getBoundingClientRect(), outer.getBoundingClientRect()]
        return a.left >= b.left - slack && a.right <= b.right + slack
      }
      const found: string[] = []
      for (const field of document.querySelectorAll('.field')) {
        const holder = field.closest('[data-node], .side')
        if (holder && !isInside(field, holder)) found.push(`${field.className} reaches out of ${holder.className}`)
        for (const input of field.querySelectorAll('input:not([hidden]), button')) {
          if (!isInside(input, field)) found.push(`${input.outerHTML.slice(0, 80)} reaches out of ${field.className}`)
        }
      }
      return found
    })
    expect(await page.locator('.field input').count()).toBeGreaterThan(10)
    expect(outside).toEqual([])
  })

  it('mounts only what is near in a graph of 1,000 nodes', async () => {
    const editor = await open()
    const { page } = editor
    await editor.inside(
      (workspace, text) => workspace.openText(text!, 'big'),
      bigWorkflowText({ nodes: 1000, links: 1500 }),
    )
    await page.waitForTimeout(400)
    expect(await page.locator('[data-node]').count()).toBe(0)
    await editor.inside((workspace) => workspace.canvas!.centerOn({ x: 3000, y: 2000 }, 1))
    await page.waitForTimeout(900)
    const count = await page.locator('[data-node]').count()
    expect(count).toBeGreaterThan(5)
    expect(count).toBeLessThan(120)
  })

  for (const theme of ['dark', 'light'] as const) {
    it(`has no serious fault of accessibility, ${theme}`, async () => {
      const editor = await open('?demo&pace=0.02&open=templates/mini', { theme })
      const { page } = editor
      await page.waitForTimeout(500)
      expect(await seriousFindings(page)).toEqual([])
      for (const left of ['nodes', 'templates', 'queue', 'gallery', 'models'] as const) {
        await editor.inside((workspace, left) => workspace.page.set({ left }), left)
        await page.waitForTimeout(100)
        expect(await seriousFindings(page, '.side.left')).toEqual([])
      }
      for (const right of ['problems', 'dreamo', 'history', 'details'] as const) {
        await editor.inside((workspace, right) => workspace.page.set({ right }), right)
        await page.waitForTimeout(100)
        expect(await seriousFindings(page, '.side.right')).toEqual([])
      }
      await editor.inside((workspace) => workspace.tab.select(['sample']))
      expect(await seriousFindings(page, '.side.right')).toEqual([])
      for (const dialog of ['palette', 'shortcuts'] as const) {
        await editor.inside((workspace, dialog) => workspace.page.set({ dialog }), dialog)
        await page.waitForTimeout(100)
        expect(await seriousFindings(page, 'dialog')).toEqual([])
        await editor.inside((workspace) => workspace.page.set({ dialog: undefined }))
      }
    })
  }
})

/** As a browser duplicates a window: with a copy of its session's storage. */
async function duplicateOf(page: Page, context: BrowserContext): Promise<Page> {
  const opened = context.waitForEvent('page')
  await page.evaluate(() => void window.open(window.location.href))
  const duplicate = await opened
  await duplicate.waitForFunction(() => 'dreamgraph' in window)
  return duplicate
}

function addInt(page: Page, id: string): Promise<void> {
  return page.evaluate((id) => {
    const { tab } = (window as never as { dreamgraph: Workspace }).dreamgraph
    tab.apply({
      name: 'Add',
      change: (draft) => {
        draft.nodes[id] = { type: 'value/int', ui: { x: 200, y: 10 } } as never
      },
    })
  }, id)
}
