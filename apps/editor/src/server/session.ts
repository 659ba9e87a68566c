/** The session of this browser at a server that asks for a token. */
import { type Client, connect, ServerFault } from '@dreamgraph/client'

const key = 'dreamgraph/signed-in'

/** Whether a fault means that the server wants a token, or another one. */
export const isSignInNeeded = (fault: unknown): boolean =>
  fault instanceof ServerFault && fault.code === 'request/unauthorized'

/** Rejects with what is wrong with the token. */
export async function signIn(url: string, token: string): Promise<void> {
  await connect({ url }).call('signIn', { body: { token } })
  localStorage.setItem(key, 'yes')
}

/** Absent where nobody has signed in, such as on one's own machine. */
export function signOutOf(client: Client): (() => Promise<void>) | undefined {
  if (localStorage.getItem(key) === null) return undefined
  return async () => {
    await client.call('signOut')
    localStorage.removeItem(key)
  }
}
