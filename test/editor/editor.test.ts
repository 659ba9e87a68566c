// The editor in a real browser against the real server with the small model: one of each for all that follows.
import { afterAll, beforeAll, describe } from 'vitest'
import { noBrowser } from '../../apps/editor/src/testing/browser.js'
import { breaks } from './breaks.js'
import { buildByKeyboard } from './build-by-keyboard.js'
import { buildByMouse } from './build-by-mouse.js'
import { everyView } from './every-view.js'
import { Rig } from './rig.js'
import { signIn } from './sign-in.js'
import { twoTabs } from './two-tabs.js'

// A loaded machine may take its time; nothing here is about speed.
describe.skipIf(noBrowser !== undefined)('the editor at the real server', { timeout: 480_000 }, () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await Rig.start()
  }, 300_000)
  afterAll(() => rig?.stop())

  buildByMouse(() => rig)
  buildByKeyboard(() => rig)
  twoTabs(() => rig)
  signIn(() => rig)
  breaks(() => rig)
  everyView(() => rig)
})
