/** Every view, panel and dialog, dark and light: no serious finding of axe, and nothing asked of any other host. */
import { expect, it } from 'vitest'
import { seriousFindings } from '../../apps/editor/src/testing/browser.js'
import type { Rig } from './rig.js'
import { clear, prepare, views } from './views.mjs'

export function everyView(rig: () => Rig): void {
  it('every view in both themes has no serious fault of accessibility', async () => {
    const editor = await rig().browser.open('')
    const { page } = editor
    await prepare(page)
    const found: string[] = []
    for (const { name, part, show, leave } of views) {
      await clear(page)
      await show(page)
      for (const theme of ['dark', 'light'] as const) {
        await editor.inside((workspace, theme) => workspace.setTheme(theme!), theme)
        // Of the other theme only colours differ.
        const rules = theme === 'light' ? ['color-contrast'] : undefined
        for (const finding of await seriousFindings(page, part, rules)) found.push(`${name}, ${theme}: ${finding}`)
      }
      await leave?.(page)
    }
    expect(found).toEqual([])
    // A refused save is an answer of the server; the browser's console takes it for an error.
    expect(editor.faults.filter((fault) => !fault.includes('409'))).toEqual([])
    await editor.close()
  })

  it('Tab goes through the page from its upper left to its lower right, and a dialog gives the focus back', async () => {
    const editor = await rig().browser.open('?open=templates/mini')
    const { page } = editor
    const seen: string[] = []
    for (let presses = 0; presses < 120 && !seen.includes('right'); presses++) {
      await page.keyboard.press('Tab')
      const place = await page.evaluate(() => {
        const places = { 'top-bar': 'bar', rail: 'rail', left: 'left', center: 'center', right: 'right' }
        const [name] = Object.keys(places).filter((name) => document.activeElement?.closest(`.${name}`))
        return document.activeElement === document.body ? 'nothing' : (name ?? 'elsewhere')
      })
      if (seen.at(-1) !== place) seen.push(place)
    }
    expect(seen).toEqual(['top-bar', 'rail', 'center', 'right'])
    for (const keys of ['Control+k', '?']) {
      await page.locator('.canvas').focus()
      await page.keyboard.press(keys)
      await page.locator('dialog').waitFor()
      expect(await page.evaluate(() => document.activeElement?.closest('dialog') !== null)).toBe(true)
      await page.keyboard.press('Escape')
      await page.locator('dialog').waitFor({ state: 'detached' })
      expect(await page.evaluate(() => document.activeElement?.className)).toContain('canvas')
    }
    await editor.close()
  })
}
