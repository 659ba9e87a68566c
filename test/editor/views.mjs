// Every view, panel and dialog of the editor, and how one gets there: tests look at each of them, and pictures are made of them.
// They start from a page that `prepare` has put in order, and leave it as they like: `clear` is called in between.

import { readFile } from 'node:fs/promises'

const flow = 'templates/mini'
/** How the adapter that ships learnt. */
const losses = new URL('../../models/mini/losses-adapter.csv', import.meta.url)

/** Opens the shipped workflow and runs it twice, so that nodes, queue and gallery have something to show. */
export async function prepare(page, { steps = 2, seed = 1 } = {}) {
  await inside(page, (workspace, flow) => workspace.openWorkflow(flow), flow)
  await page.waitForSelector('[data-node="sample"]')
  for (const by of [0, 1]) {
    await setInput(page, 'seed', `${seed + by}`)
    await setInput(page, 'steps', steps)
    await run(page)
    await page.waitForFunction(() => window.dreamgraph.tab.run.state.state === 'finished')
  }
  await page.waitForFunction(() => document.querySelector('[data-node="save"] img')?.naturalWidth > 0)
}

/** Closes whatever a view has opened, and goes back to the tab that `prepare` has run. */
export async function clear(page) {
  await inside(
    page,
    (workspace, flow) => {
      const { tabs } = workspace.page.state
      const first = tabs.find(({ store }) => store.document.name === flow.split('/').at(-1)) ?? tabs[0]
      for (const tab of tabs) if (tab !== first) tab.store.markSaved(tab.store.history.at(-1))
      for (const tab of tabs) if (tab !== first) workspace.closeTab(tab.id)
      first.leaveComponent(0)
      first.clearSelection()
      workspace.page.set({ active: first.id, left: undefined, right: undefined, dialog: undefined, popup: undefined })
    },
    flow,
  )
  await page.waitForFunction(() => document.querySelector('dialog, .popup') === null)
  await inside(page, (workspace) => workspace.canvas?.fit())
}

/** `part`: what axe looks at; `text`: what the guide says of it. */
export const views = [
  {
    name: 'empty',
    title: 'A new workflow',
    part: 'html',
    text: 'A new workflow. Double-click or press Space to add a node; drop a workflow, or a picture that carries one.',
    show: async (page) => {
      await inside(page, (workspace) => workspace.newTab())
      await page.locator('.empty-hint').waitFor()
    },
  },
  {
    name: 'workflow',
    title: 'A workflow after a run',
    part: 'html',
    text: 'A workflow after a run: each node says whether it ran or came from the cache, and shows what it made. On the right, the workflow as a form: its declared inputs and how the last run went.',
    show: (page) => panel(page, { right: 'details' }),
  },
  {
    name: 'node',
    title: 'A node',
    part: '.side.right',
    text: 'One node: every param with its explanation and its way back to the default, what is linked, and why it ran.',
    show: async (page) => {
      await panel(page, { right: 'details' })
      await inside(page, ({ tab }) => tab.select(['sample']))
    },
  },
  {
    name: 'templates',
    title: 'Workflows and templates',
    part: '.side.left',
    text: 'Workflows that were saved, and templates to begin with.',
    show: (page) => panel(page, { left: 'templates' }),
  },
  {
    name: 'nodes',
    title: 'Node library',
    part: '.side.left',
    text: 'The node library, by category; drag a node onto the canvas, or press Enter on it.',
    show: (page) => panel(page, { left: 'nodes' }),
  },
  {
    name: 'search',
    title: 'Adding a node',
    part: '.popup',
    text: 'Adding a node where one points: a few letters, and Enter takes the first.',
    show: async (page) => {
      await inside(page, (workspace) => workspace.page.set({ popup: { kind: 'search', at: { x: 420, y: 220 } } }))
      await page.locator('.popup [role=combobox]').waitFor()
      await page.keyboard.type('encode')
      await page.locator('.option').first().waitFor()
    },
  },
  {
    name: 'wire',
    title: 'What fits a socket',
    part: '.popup',
    text: 'A wire that was let go over the empty canvas, or Enter on a socket: all that fits, in this workflow and new.',
    show: async (page) => {
      await page.locator('.canvas').focus()
      await inside(page, ({ tab }) => {
        tab.select(['decode'])
        tab.view.set({ cursor: { node: 'decode', side: 'output', socket: 'image' } })
      })
      await page.keyboard.press('Enter')
      await page.locator('.popup .option').first().waitFor()
    },
  },
  {
    name: 'refusal',
    title: 'A link that does not fit',
    part: '.popup',
    text: 'A link that does not fit says why, and offers what would make it fit.',
    show: async (page) => {
      await inside(page, ({ canvas }) => {
        const wire = canvas.wires.wireFrom({ node: 'subject1', side: 'output', socket: 'image' })
        canvas.wires.follow({ x: 520, y: 260 })
        canvas.wires.tryConnect(wire, { node: 'subject1-reference', socket: 'mask' })
      })
      await page.getByRole('alertdialog').waitFor()
    },
  },
  {
    name: 'context-menu',
    title: 'Menu of the selection',
    part: '.popup',
    text: 'What can be done with the selection.',
    show: async (page) => {
      await inside(page, (workspace) => {
        workspace.tab.select(['sample', 'decode'])
        workspace.page.set({ popup: { kind: 'context', at: { x: 520, y: 90 } } })
      })
      await page.locator('.popup [role=menuitem]').first().waitFor()
    },
  },
  {
    name: 'references',
    title: 'References and prompt',
    part: '.side.right',
    text: 'The prompt with its [ref#n] in the colours of their references, a card for each reference, where each of them looks, and the tokens and positions that they take.',
    show: async (page) => {
      await panel(page, { right: 'dreamo' })
      await page.locator('canvas.routing').waitFor()
    },
  },
  {
    name: 'problems',
    title: 'Problems',
    part: '.side.right',
    text: 'What stands in the way of a run, while one edits. A click leads to the field.',
    show: async (page) => {
      await inside(page, (workspace) => workspace.openWorkflow('templates/style'))
      await page.waitForSelector('[data-node]')
      await panel(page, { right: 'problems' })
      await page.locator('.problem').first().waitFor()
    },
  },
  {
    name: 'training',
    title: 'Training',
    part: '.side.right',
    text: 'Losses of a training run as they come, or of a table that was dropped on the page.',
    show: async (page) => {
      await drop(page, 'losses.csv', await readFile(losses, 'utf8'))
      await page.locator('.loss-figure canvas').first().waitFor()
    },
    leave: (page) => inside(page, (workspace) => workspace.page.set({ losses: undefined })),
  },
  {
    name: 'history',
    title: 'History',
    part: '.side.right',
    text: 'Every step by its name; a click goes back to it, or forward again. It outlives a reload.',
    show: (page) => panel(page, { right: 'history' }),
  },
  {
    name: 'queue',
    title: 'Queue',
    part: '.side.left',
    text: 'What waits, runs and is over, of all clients of the server; the queue can be held, jobs moved, cancelled, tried again.',
    show: (page) => panel(page, { left: 'queue' }),
  },
  {
    name: 'gallery',
    title: 'Gallery',
    part: '.side.left',
    text: 'Pictures of all runs. Two of them can be laid over each other.',
    show: async (page) => {
      await panel(page, { left: 'gallery' })
      const compare = page.locator('.pictures input')
      await compare.nth(1).waitFor()
      await compare.nth(0).check()
      await compare.nth(1).check()
      await page.getByRole('slider', { name: 'Where the first picture ends' }).waitFor()
      await page.waitForFunction(() => [...document.querySelectorAll('.gallery img')].every(isLoaded))
    },
  },
  {
    name: 'picture',
    title: 'A picture',
    part: 'dialog',
    text: 'One picture, with the way back to the workflow that made it.',
    show: async (page) => {
      await inside(page, (workspace) => {
        const { outputs } = workspace.server.state.jobs.find((job) => job.outputs.some(({ file }) => file))
        workspace.page.set({ dialog: { picture: outputs.find(({ file }) => file).digest } })
      })
      await page.waitForFunction(() => [...document.querySelectorAll('dialog img')].every(isLoaded))
    },
  },
  {
    name: 'models',
    title: 'Models',
    part: '.side.left',
    text: 'Models by name, and whether their weights fit, tensor by tensor.',
    show: async (page) => {
      await panel(page, { left: 'models' })
      await page.getByRole('button', { name: 'Do its weights fit?' }).first().click()
      await page.locator('.report').first().waitFor()
    },
  },
  {
    name: 'palette',
    title: 'Command palette',
    part: 'dialog',
    text: 'Everything by name: commands, nodes of this workflow, templates, nodes to add.',
    show: async (page) => {
      await inside(page, (workspace) => workspace.page.set({ dialog: 'palette' }))
      await page.locator('dialog .option').first().waitFor()
    },
  },
  {
    name: 'shortcuts',
    title: 'Shortcuts',
    part: 'dialog',
    text: 'All shortcuts; each can be changed.',
    show: async (page) => {
      await inside(page, (workspace) => workspace.page.set({ dialog: 'shortcuts' }))
      await page.locator('dialog').waitFor()
    },
  },
  {
    name: 'run-form',
    title: 'Run with other values',
    part: 'dialog',
    text: 'The workflow as a form: it runs with other values of its inputs, and stays as it is.',
    show: async (page) => {
      await inside(page, (workspace) => workspace.page.set({ dialog: 'run-form' }))
      await page.locator('dialog').waitFor()
    },
  },
  {
    name: 'import',
    title: 'A flow of ComfyUI',
    part: 'dialog',
    text: 'What became of a dropped workflow or picture of ComfyUI, node by node.',
    show: async (page) => {
      const prompt = {
        1: { class_type: 'LoadImage', inputs: { image: 'cat.png' } },
        2: { class_type: 'ImageScale', inputs: { image: ['1', 0], width: 512, height: 512, crop: 'disabled' } },
        3: { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'small' } },
        4: { class_type: 'SomebodysNode', inputs: { image: ['2', 0] } },
      }
      await drop(page, 'resize.json', JSON.stringify(prompt))
      await page.locator('dialog').waitFor()
    },
  },
  {
    name: 'conflict',
    title: 'Saved elsewhere meanwhile',
    part: 'dialog',
    text: 'Somebody else saved meanwhile: nothing was overwritten, and the server keeps both versions.',
    show: async (page) => {
      await inside(page, async (workspace) => {
        const { backend, tab } = workspace
        const { text } = tab.store
        const first = await backend.save('mini', text, 0)
        const revision = 'conflict' in first ? first.head : first.revision
        await backend.save('mini', text.replace('on the beach', 'in the forest'), revision)
        tab.place.set({ name: 'mini', revision })
        await workspace.save(tab)
      })
      await page.locator('dialog').waitFor()
    },
    leave: (page) => inside(page, ({ tab }) => tab.place.set({ name: undefined, revision: 0 })),
  },
  {
    name: 'component',
    title: 'Inside a component',
    part: '.center',
    text: 'Nodes that were made a component, opened; the way back is on top.',
    show: async (page) => {
      await inside(page, (workspace) => workspace.tab.select(['noise', 'sample', 'decode']))
      await page.locator('.canvas').focus()
      await page.keyboard.press('Control+Shift+G')
      await page.keyboard.press('Enter')
      await page.getByRole('navigation', { name: 'Open components' }).waitFor()
      await page.waitForSelector('[data-node="sample"]')
    },
    leave: async (page) => {
      await inside(page, ({ tab }) => {
        tab.leaveComponent(0)
        tab.store.undo()
      })
    },
  },
  {
    name: 'away',
    title: 'The server is away',
    part: '.banner-place',
    text: 'The server does not answer: what that means, and when it is tried again.',
    show: async (page) => {
      const reachability = { isAway: true, retryInMs: 15_000 }
      await inside(page, (workspace, reachability) => workspace.server.set({ reachability }), reachability)
      await page.locator('.banner').waitFor()
    },
    leave: (page) => inside(page, (workspace) => workspace.server.set({ reachability: { isAway: false } })),
  },
  {
    name: 'running',
    title: 'While it runs',
    part: 'html',
    text: 'A run: progress on the nodes, the picture as it comes out of the noise, and where each reference looks.',
    show: async (page) => {
      await panel(page, { right: 'dreamo' })
      await setInput(page, 'seed', `${Math.floor(Math.random() * 1e9)}`)
      await setInput(page, 'steps', 60)
      await run(page)
      await page.waitForFunction(() => window.dreamgraph.tab.run.state.nodes.get('sample')?.progress > 0.1)
      await page.locator('canvas.routing').waitFor()
    },
    leave: async (page) => {
      await page.keyboard.press('Control+.')
      await page.waitForFunction(() => window.dreamgraph.tab.run.state.state !== 'running')
    },
  },
]

const panel = async (page, sides) => {
  await inside(page, (workspace, sides) => workspace.page.set(sides), sides)
  await page.locator('.side .panel').waitFor()
  await inside(page, (workspace) => workspace.canvas?.fit())
}

/** Starts a run and waits until it is followed. */
async function run(page) {
  const before = await inside(page, ({ tab }) => tab.run.state.job)
  await page.locator('.run .button.primary').click()
  await page.waitForFunction((before) => window.dreamgraph.tab.run.state.job !== before, before)
}

/** Drops a text file on the canvas. */
const drop = (page, name, text) =>
  page.evaluate(
    ([name, text]) => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([text], name))
      const init = { dataTransfer, clientX: 600, clientY: 400, bubbles: true, cancelable: true }
      document.querySelector('.canvas').dispatchEvent(new DragEvent('drop', init))
    },
    [name, text],
  )

const setInput = (page, name, value) =>
  inside(
    page,
    ({ tab }, [name, value]) =>
      tab.apply({
        name: `Set ${name}`,
        change: (draft) => {
          draft.inputs[name].default = value
        },
      }),
    [name, value],
  )

/** Runs a function in the page with its workspace. */
function inside(page, work, given) {
  return page.evaluate(
    ({ source, given }) => {
      window.isLoaded = (image) => image.complete && image.naturalWidth > 0
      return new Function(`return (${source})`)()(window.dreamgraph, given)
    },
    { source: String(work), given },
  )
}
