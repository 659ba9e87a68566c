/** A run of a known length through the small model, and what the editor has heard of it, event by event. */

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { noRun, reduceRun } from '../../apps/editor/src/run/run-state.js'
import type { EditorPage } from '../../apps/editor/src/testing/browser.js'
import { atRoot, type Rig } from './rig.js'

/** The shipped workflow, with a wait of so many seconds between decoding and saving. */
export function pacedFlow(seconds: number): string {
  const flow = JSON.parse(readFileSync(atRoot('examples/workflows/mini.json'), 'utf8'))
  flow.name = 'paced'
  flow.inputs.steps.default = 2
  flow.nodes.wait = { type: 'pace/wait', version: 1, params: { seconds }, ui: { x: 1400, y: 400 } }
  const last = flow.links.find(({ to }: { to: { node: string } }) => to.node === 'save')
  last.from = { node: 'wait', socket: 'image' }
  flow.links.push({ from: { node: 'decode', socket: 'image' }, to: { node: 'wait', socket: 'image' } })
  return JSON.stringify(flow)
}

/** Opens the flow, notes every event that reaches the editor and every change of the banner, and runs. */
export async function runPaced(editor: EditorPage, seconds: number): Promise<void> {
  await editor.inside((workspace, text) => {
    const heard: number[] = []
    const banners: boolean[] = []
    Object.assign(window, { heard, banners })
    const { follow } = workspace.backend
    Object.assign(workspace.backend, {
      follow: (job: string, following: Parameters<typeof follow>[1]) =>
        follow(job, {
          ...following,
          onEvent: (event) => {
            heard.push(event.seq)
            following.onEvent(event)
          },
        }),
    })
    new MutationObserver(() => {
      const isShown = document.querySelector('.banner') !== null
      if (isShown !== (banners.at(-1) ?? false)) banners.push(isShown)
    }).observe(document.body, { childList: true, subtree: true })
    workspace.openText(text!, 'paced')
  }, pacedFlow(seconds))
  const { page } = editor
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.waitForFunction(() => {
    const { tab } = (window as never as { dreamgraph: { tab: import('../../apps/editor/src/app/tab.js').Tab } })
      .dreamgraph
    return (tab.run.state.nodes.get('wait')?.progress ?? 0) > 0
  })
}

/** How often the banner came and went: `[true, false, …]`. */
export const bannersOf = ({ page }: EditorPage): Promise<boolean[]> =>
  page.evaluate(() => (window as never as { banners: boolean[] }).banners)

/** Each event of the server's log once and in order, and a run state that follows from them and from nothing else. */
export async function expectWholeLog(editor: EditorPage, { client }: Rig): Promise<void> {
  const { job, heard, state } = await editor.inside(({ tab: { run } }) => {
    const { nodes, routing: _, previews: __, ...state } = run.state
    const { heard } = window as never as { heard: number[] }
    return { job: run.state.job!, heard, state: { ...state, nodes: [...nodes] } }
  })
  const { events } = await client.call('jobEvents', { params: { job }, query: { limit: 10_000 } })
  expect(heard).toEqual(events.map(({ seq }) => seq))
  expect(heard).toEqual(heard.map((_, index) => index + 1))
  const { nodes, routing: _, previews: __, ...expected } = events.reduce(reduceRun, noRun)
  expect(JSON.parse(JSON.stringify({ ...state, job: undefined }))).toEqual(
    JSON.parse(JSON.stringify({ ...expected, nodes: [...nodes] })),
  )
}
