import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPlace, type Place, program, repository } from '../testing/command.js'

const reason =
  spawnSync('script', ['--version']).status === 0
    ? undefined
    : 'no `script` command to make a terminal with (util-linux)'
let place: Place

beforeAll(async () => {
  place = await openPlace()
  await place.run(['models', 'make-random', 'model'])
})
afterAll(() => place.remove())

test.skipIf(reason)(
  `a terminal gets a bar per running node and keeps the lines${reason ? `: skipped, ${reason}` : ''}`,
  () => {
    const workflow = join(repository, 'examples/workflows/many-seeds.json')
    const inputs = ['model=model', 'width=128', 'height=128', 'steps=20', 'count=2'].map((pair) => `--input ${pair}`)
    const command = `${process.execPath} ${program} run ${workflow} ${inputs.join(' ')}`
    const { stdout, status } = spawnSync('script', ['-qec', command, '/dev/null'], {
      cwd: place.folder,
      env: { ...process.env, DREAMGRAPH_HOME: join(place.folder, 'home') },
      encoding: 'utf8',
    })
    expect(status).toBe(0)
    expect(stdout).toMatch(/ sample 1\/2 =+-* \d+\/20 steps/)
    expect(stdout).toMatch(/ sample 2\/2 =+-* \d+\/20 steps/)
    // The bars are gone from the screen, their lines are not, and the cursor is back.
    const screen = lastLines(stdout)
    expect(screen.filter((line) => line.includes('===='))).toEqual([])
    expect(screen.filter((line) => line.startsWith('wrote '))).toHaveLength(2)
    expect(screen).toContainEqual(expect.stringMatching(/^sample: ran in .* \(2 of 2 items\)$/))
    expect(screen.at(-1)).toMatch(/^done in /)
    expect(stdout.lastIndexOf('\u001b[?25h')).toBeGreaterThan(stdout.lastIndexOf('\u001b[?25l'))
  },
)

/** A terminal's control sequence: number and command. */
const sequence = '\u001b\\[\\??(\\d*)([A-Za-z])'

/** What a terminal shows in the end, as far as cli-progress moves its cursor: up, to a column, clear line or all below. */
function lastLines(output: string): string[] {
  const lines = ['']
  let row = 0
  let column = 0
  for (const [token] of output.matchAll(new RegExp(`${sequence}|[^]`, 'g'))) {
    const [, count, command] = new RegExp(`^${sequence}$`).exec(token) ?? []
    if (command === 'A') row = Math.max(0, row - Number(count || 1))
    else if (command === 'G') column = Number(count || 1) - 1
    else if (command === 'K' || command === 'J') {
      lines[row] = lines[row]!.slice(0, column)
      if (command === 'J') lines.length = row + 1
    } else if (token === '\r') column = 0
    else if (token === '\n') lines[++row] ??= ''
    else if (command === undefined) {
      const line = lines[row]!
      lines[row] = line.padEnd(column).slice(0, column) + token + line.slice(++column)
    }
  }
  return lines.filter((line) => line !== '')
}
