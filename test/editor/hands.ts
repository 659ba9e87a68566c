/** What hands do at the editor: add by search, pull wires, drop files, type into fields. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Page } from 'playwright-core'

export interface Spot {
  readonly x: number
  readonly y: number
}

export const socket = (node: string, side: 'input' | 'output', name: string): string =>
  `[data-owner="${node}"][data-side="${side}"][data-socket="${name}"]`

/** Double click on the empty canvas, a few letters, Enter. `at`: from the canvas's upper left corner. */
export async function addByMouse(page: Page, at: Spot, { query, id }: { query: string; id: string }): Promise<void> {
  const box = (await page.locator('.canvas').boundingBox())!
  await page.mouse.dblclick(box.x + at.x, box.y + at.y)
  await search(page, query)
  await page.waitForSelector(`[data-node="${id}"]`)
}

/** Types into the list that has just opened, and takes what is on top. All letters at once: this is not about the list. */
export async function search(page: Page, query: string): Promise<void> {
  const field = page.locator('.popup [role=combobox]')
  await field.waitFor()
  await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'combobox')
  await page.keyboard.insertText(query)
  await page.keyboard.press('Enter')
  await field.waitFor({ state: 'detached' })
}

/** From an output to an input; each as `node.socket`. */
export async function pull(page: Page, from: string, to: string): Promise<void> {
  const start = await middleOf(page, socketOf(from, 'output'))
  const end = await middleOf(page, socketOf(to, 'input'))
  await page.mouse.move(start.x, start.y)
  await page.mouse.down()
  await page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2 + 20, { steps: 2 })
  await page.mouse.move(end.x, end.y, { steps: 2 })
  await page.mouse.up()
}

/** Lets a wire go over the empty canvas and adds what is searched for at its end. */
export async function pullToNew(page: Page, from: string, at: Spot, query: string): Promise<void> {
  const start = await middleOf(page, socketOf(from, 'output'))
  const box = (await page.locator('.canvas').boundingBox())!
  await page.mouse.move(start.x, start.y)
  await page.mouse.down()
  await page.mouse.move(box.x + at.x, box.y + at.y, { steps: 3 })
  await page.mouse.up()
  await search(page, query)
}

/** Drops a file, as from the file manager; bytes are read from the path unless they are given. */
export async function drop(page: Page, at: Spot, path: string, bytes = readFileSync(path)): Promise<void> {
  const box = (await page.locator('.canvas').boundingBox())!
  await page.evaluate(
    ({ base64, name, x, y }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([bytes], name, { type: 'image/png' }))
      const init = { dataTransfer, clientX: x, clientY: y, bubbles: true, cancelable: true }
      document.querySelector('.canvas')!.dispatchEvent(new DragEvent('drop', init))
    },
    { base64: bytes.toString('base64'), name: basename(path), x: box.x + at.x, y: box.y + at.y },
  )
}

function socketOf(end: string, side: 'input' | 'output'): string {
  const [node, name] = end.split('.') as [string, string]
  return socket(node, side, name)
}

async function middleOf(page: Page, selector: string): Promise<Spot> {
  const { x, y, width, height } = (await page.locator(selector).boundingBox())!
  return { x: x + width / 2, y: y + height / 2 }
}
