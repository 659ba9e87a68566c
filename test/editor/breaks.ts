/** What happens in between: a server that is killed in the middle of a run, and a connection that is cut again and again. */
import { expect, it } from 'vitest'
import { CuttingProxy } from './cutting-proxy.js'
import { bannersOf, expectWholeLog, runPaced } from './paced-run.js'
import type { Rig } from './rig.js'

/** What a browser writes to its console while nobody answers. */
const isOfBreak = (fault: string): boolean => /ERR_|WebSocket connection|Failed to fetch/.test(fault)

export function breaks(rig: () => Rig): void {
  it('the socket is cut every 5 s: the banner comes and goes, each event once and in order', async () => {
    const proxy = await CuttingProxy.start(rig().port)
    const editor = await rig().browser.open('', { url: proxy.url })
    await runPaced(editor, 12)
    proxy.cutEvery(5000)
    await editor.page.getByText(/^done in/).waitFor()
    proxy.cutEvery(undefined)
    await editor.page.locator('.banner').waitFor({ state: 'detached' })
    expect(proxy.cuts).toBeGreaterThan(1)
    expect(await bannersOf(editor)).toEqual(Array.from({ length: 2 * proxy.cuts }, (_, index) => index % 2 === 0))
    await expectWholeLog(editor, rig())
    expect(editor.faults.filter((fault) => !isOfBreak(fault))).toEqual([])
    await editor.close()
    await proxy.stop()
  })

  it('the server is killed in the middle of a run and started again: told, taken over, nothing lost', async () => {
    const editor = await rig().browser.open('')
    const { page } = editor
    await runPaced(editor, 3)
    await rig().killServer()
    await page.getByText('The server does not answer.').waitFor()
    // One works on meanwhile: an edit, and a save that cannot be.
    await page.locator('.canvas').focus()
    await page.keyboard.press('n')
    await page.keyboard.press('Control+s')
    await page.locator('.notice.bad').waitFor()
    await rig().startServerAgain()
    await page.locator('.banner').waitFor({ state: 'detached' })
    await page.getByText(/^done in/).waitFor()
    expect(await bannersOf(editor)).toEqual([true, false])
    await expectWholeLog(editor, rig())
    const { phases, attempts } = await editor.inside(({ tab: { run, store } }) => ({
      phases: [...run.state.nodes.values()].map(({ phase }) => phase),
      attempts: store.document.notes?.length,
    }))
    expect(new Set(phases)).toEqual(new Set(['ran', 'cached']))
    expect(attempts).toBe(1)
    expect(await page.getByTitle('paced, not saved').count()).toBe(1)
    await editor.reload()
    expect((await editor.document()).notes).toHaveLength(1)
    await page.keyboard.press('Control+s')
    await page.getByText('Saved “paced”, revision 1').waitFor()
    expect(editor.faults.filter((fault) => !isOfBreak(fault))).toEqual([])
    await editor.close()
  })
}
