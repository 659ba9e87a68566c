/** Asks for a token, where the server wants one. */
import { type FormEvent, useState } from 'react'

interface SignInProps {
  /** Rejects with what is wrong with the token. */
  readonly signIn: (token: string) => Promise<void>
  readonly onSignedIn: () => void
}

export function SignIn({ signIn, onSignedIn }: SignInProps) {
  const [token, setToken] = useState('')
  const [fault, setFault] = useState('')
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    try {
      await signIn(token.trim())
      onSignedIn()
    } catch (cause) {
      setFault((cause as Error).message)
      setBusy(false)
    }
  }
  return (
    <main className="page-fault">
      <h1>This server asks for a token</h1>
      <form className="sign-in" onSubmit={(event) => void submit(event)}>
        <label>
          Token
          <input
            type="password"
            className="search"
            autoComplete="current-password"
            // biome-ignore lint/a11y/noAutofocus: there is nothing else to do on this page
            autoFocus
            required
            value={token}
            aria-invalid={fault !== ''}
            aria-describedby="sign-in-fault"
            onChange={(event) => setToken(event.target.value)}
          />
        </label>
        <p id="sign-in-fault" role="alert">
          {fault}
        </p>
        <button type="submit" className="button primary" disabled={isBusy}>
          Sign in
        </button>
      </form>
      <p className="dim">
        Whoever started the server has given one, or makes one: <code>POST /v1/tokens</code>. It is kept where no script
        can read it, until you sign out.
      </p>
    </main>
  )
}
