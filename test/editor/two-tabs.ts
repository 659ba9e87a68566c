/** Two tabs of a browser edit the same workflow and save: the second is told, and nothing of either is lost. */
import { expect, it } from 'vitest'
import { seriousFindings } from '../../apps/editor/src/testing/browser.js'
import type { Rig } from './rig.js'

const name = 'shared'
const text = '{"dreamgraph": 2, "nodes": {"a": {"type": "value/int", "ui": {"x": 0, "y": 0}}}, "links": []}'

export function twoTabs(rig: () => Rig): void {
  it('two tabs save one workflow: the second is asked, and both versions are kept', async () => {
    const { browser, client } = rig()
    await client.call('saveWorkflow', { params: { name }, body: { text, base: 0 } })
    const first = await browser.open(`?open=${name}`)
    const second = await browser.open(`?open=${name}`, { beside: first })
    const titleAs = async (editor: typeof first, title: string) => {
      await editor.page.locator('[data-node="a"] .node-title').dblclick()
      await editor.page.getByLabel('Title', { exact: true }).fill(title)
      await editor.page.keyboard.press('Enter')
      await editor.page.keyboard.press('Control+s')
    }
    await titleAs(first, 'Mine')
    await first.page.getByText(`Saved “${name}”, revision 2`).waitFor()
    await titleAs(second, 'Yours')
    const dialog = second.page.getByRole('dialog', { name: `“${name}” was saved elsewhere meanwhile` })
    await dialog.waitFor()
    expect(await seriousFindings(second.page, 'dialog')).toEqual([])

    await dialog.getByRole('button', { name: 'Open theirs beside mine' }).click()
    await second.page.locator('[data-node="a"]', { hasText: 'Mine' }).waitFor()
    // Mine is in the tab before, still unsaved.
    await second.page.getByTitle(`${name}, not saved`).click()
    await second.page.locator('[data-node="a"]', { hasText: 'Yours' }).waitFor()
    await second.page.keyboard.press('Control+s')
    await dialog.getByRole('button', { name: 'Save mine on top of theirs' }).click()
    // Each refused save was kept aside, as a revision of its own.
    await second.page.getByText(`Saved “${name}”, revision 5`).waitFor()

    const titles = await Promise.all(
      [1, 2, 3, 4, 5].map(async (revision) => {
        const stored = await client.call('workflow', { params: { name }, query: { revision } })
        return JSON.parse(stored.text).nodes.a.title
      }),
    )
    expect(titles).toEqual([undefined, 'Mine', 'Yours', 'Yours', 'Yours'])
    // A refused save is an answer of the server; the browser's console takes it for an error.
    expect([...first.faults, ...second.faults].filter((fault) => !fault.includes('409'))).toEqual([])
    await first.close()
  })
}
