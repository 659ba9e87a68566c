/** Opens the page: the server behind its own address, or with `?demo` the one in memory. */
import './no-eval.js'

import { createRoot } from 'react-dom/client'
import { App } from './app/app.js'
import { SignIn } from './app/sign-in.js'
import { Workspace } from './app/workspace.js'
import { followJob } from './run/running.js'
import type { Backend } from './server/backend.js'
import { serverBackend } from './server/server-backend.js'
import { isSignInNeeded, signIn } from './server/session.js'
import './theme/index.css'
import { readTheme, showTheme } from './theme/theme.js'

const query = new URLSearchParams(window.location.search)
const serverUrl = new URL('.', window.location.href).href

async function backendOfPage(): Promise<Backend> {
  if (query.has('demo')) {
    const { demoBackend } = await import('./server/demo/demo-backend.js')
    return demoBackend({ pace: Number(query.get('pace') ?? 1) })
  }
  return serverBackend(serverUrl)
}

async function openPage(): Promise<void> {
  const root = createRoot(document.getElementById('app')!)
  try {
    const first = query.get('open') ?? undefined
    const workspace = await Workspace.open(await backendOfPage(), { first })
    root.render(<App workspace={workspace} />)
    for (const tab of workspace.page.state.tabs) {
      const { job } = tab.run.state
      if (job !== undefined) followJob(workspace, tab, job, { isKnown: true })
    }
    if (first !== undefined) {
      // Once: a reload takes up the tab with what was edited since.
      query.delete('open')
      window.history.replaceState(null, '', query.size > 0 ? `?${query}` : window.location.pathname)
    }
    // For tests and for the curious in the console; nothing in the editor reads it.
    Object.assign(window, { dreamgraph: workspace })
  } catch (cause) {
    if (isSignInNeeded(cause)) {
      root.render(<SignIn signIn={(token) => signIn(serverUrl, token)} onSignedIn={() => window.location.reload()} />)
      return
    }
    root.render(
      <div className="page-fault" role="alert">
        <h1>The editor cannot reach its server</h1>
        <p>{(cause as Error).message}</p>
        <p>
          Start it with <code>npm start</code>, or look around in the <a href="?demo">demo</a>.
        </p>
      </div>,
    )
  }
}

showTheme(readTheme())
void openPage()
