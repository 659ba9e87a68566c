/** Tests of the built editor in a real browser: one browser for all of a file, a page of its own for each test. */
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest'
import { type EditorPage, noBrowser, type OpenOptions, TestBrowser } from './browser.js'

export type OpenEditor = (query?: string, options?: OpenOptions) => Promise<EditorPage>

/** Skipped where there is no browser, which says so. Each page must have ended without faults. */
export function describeEditor(title: string, define: (open: OpenEditor) => void): void {
  // A loaded machine may take its time; nothing here is about speed.
  describe.skipIf(noBrowser !== undefined)(title, { timeout: 240_000 }, () => {
    let browser: TestBrowser
    const opened: EditorPage[] = []

    beforeAll(async () => {
      browser = await TestBrowser.start()
    }, 120_000)
    afterAll(() => browser?.stop())
    afterEach(async () => {
      for (const editor of opened.splice(0)) {
        expect(editor.faults).toEqual([])
        await editor.close()
      }
    })

    define(async (query, options) => {
      const editor = await browser.open(query, options)
      opened.push(editor)
      return editor
    })
  })
}
