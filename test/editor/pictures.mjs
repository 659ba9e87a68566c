// Makes docs/editor.md and its pictures, of every view at two sizes, from the real server with the small model:
// npm run build && node test/editor/pictures.mjs; with names of views or a width behind it, only those.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import sharp from 'sharp'
import { freePort, killProcess, startServerProcess } from '../../apps/server/src/testing/processes.mjs'
import { findBrowser } from '../../scripts/browser.mjs'
import { clear, prepare, views } from './views.mjs'

const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
]
/** The size that the guide shows. */
const [{ width: guideWidth }] = sizes
const asked = process.argv.slice(2)
/** Those that were asked for by name or width; all where none was. */
const chosen = (all, nameOf) => {
  const found = all.filter((one) => asked.includes(`${nameOf(one)}`))
  return found.length > 0 ? found : all
}
const taken = chosen(views, ({ name }) => name)
const takenSizes = chosen(sizes, ({ width }) => width)
const atRoot = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const out = atRoot('docs/pictures/editor')

const folder = await mkdtemp(join(tmpdir(), 'dreamgraph-pictures-'))
const places = { data: join(folder, 'data'), home: join(folder, 'home'), libraries: [atRoot('examples')] }
const server = await startServerProcess({ ...places, editor: atRoot('apps/editor/dist'), port: await freePort() })
const browser = await chromium.launch({ executablePath: findBrowser(), args: ['--no-sandbox'] })
await mkdir(out, { recursive: true })
let bytes = 0
try {
  for (const viewport of takenSizes) {
    const context = await browser.newContext({ viewport, colorScheme: 'dark' })
    const page = await context.newPage()
    page.setDefaultTimeout(120_000)
    page.on('pageerror', (error) => console.error(error))
    await page.goto(server.url)
    await page.waitForFunction(() => window.dreamgraph?.canvas !== undefined)
    await prepare(page, { steps: 12, seed: viewport.width })
    for (const { name, show, leave } of taken) {
      await clear(page)
      await show(page)
      // Whatever is still loading or moving comes to rest, but for a run, which would be over; notices go by themselves.
      if (name !== 'running') await page.waitForLoadState('networkidle').catch(() => undefined)
      await page.evaluate(() => window.dreamgraph.page.set({ notice: undefined }))
      if (name !== 'running') await page.waitForTimeout(500)
      const picture = await sharp(await page.screenshot())
        .webp({ quality: 62, effort: 6, smartSubsample: true })
        .toBuffer()
      await writeFile(join(out, `${name}-${viewport.width}.webp`), picture)
      bytes += picture.byteLength
      await leave?.(page)
    }
    await context.close()
  }
} finally {
  await browser.close()
  await killProcess(server.child)
  await rm(folder, { recursive: true, force: true })
}
await writeFile(atRoot('docs/editor.md'), guide())
console.log(`${taken.length * takenSizes.length} pictures, ${(bytes / 1e6).toFixed(2)} MB`)

function guide() {
  const sections = views.map(
    ({ name, title, text }) => `## ${title}\n\n${text}\n\n![${title}](pictures/editor/${name}-${guideWidth}.webp)\n`,
  )
  return `# The editor, view by view

\`npm start\` prints its address. A flow can be built, run and saved by mouse and by keyboard alone: \`Ctrl+K\` finds every command,
\`?\` lists the shortcuts, and the arrow keys walk the graph; groups, notes and bends of links are moved by mouse. The pictures are of the small model that comes along; \`node
test/editor/pictures.mjs\` makes them and this page.

${sections.join('\n')}`
}
