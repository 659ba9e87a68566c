/** A server that wants a token: nothing without it, everything after it was given once, pictures included. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { elsewhere, seriousFindings } from '../../apps/editor/src/testing/browser.js'
import { freePort, killProcess, startServerProcess } from '../../apps/server/src/testing/processes.mjs'
import { atRoot, type Rig } from './rig.js'

export function signIn(rig: () => Rig): void {
  it('a server with a token is signed in to once, shows pictures, and is signed out of', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dreamgraph-sign-in-'))
    const port = await freePort()
    const server = await startServerProcess({
      ...{ data: join(folder, 'data'), home: join(folder, 'home') },
      ...{ libraries: [atRoot('examples')], editor: atRoot('apps/editor/dist') },
      ...{ port, workers: 0, hosts: [elsewhere], token: 'a-token-for-everything' },
    })
    const context = await rig().browser.context()
    try {
      const page = await context.newPage()
      page.setDefaultTimeout(60_000)
      await page.emulateMedia({ colorScheme: 'light' })
      const theme = () => page.evaluate(() => document.documentElement.dataset.theme)
      await page.goto(`http://${elsewhere}:${port}/?open=templates/mini`)
      const field = page.getByLabel('Token')
      await field.waitFor()
      expect(await theme()).toBe('light')
      expect(await seriousFindings(page)).toEqual([])
      await field.fill('wrong')
      await page.keyboard.press('Enter')
      await page.getByText('expected a valid one').waitFor()
      await field.fill('a-token-for-everything')
      await page.keyboard.press('Enter')
      await page.waitForSelector('[data-node="sample"]')
      await page.waitForFunction(() => document.querySelector<HTMLImageElement>('[data-node] img')?.naturalWidth)
      expect(await page.evaluate(() => document.cookie)).toBe('')

      await page.reload()
      await page.waitForSelector('[data-node="sample"]')
      await page.locator('.canvas').focus()
      await page.keyboard.press('Control+k')
      await page.keyboard.type('dark or light')
      await page.keyboard.press('Enter')
      expect(await theme()).toBe('dark')
      await page.keyboard.press('Control+k')
      await page.keyboard.type('sign out')
      await page.keyboard.press('Enter')
      await field.waitFor()
      expect(await theme()).toBe('dark')
    } finally {
      await context.close()
      await killProcess(server.child)
      await rm(folder, { recursive: true, force: true })
    }
  })
}
