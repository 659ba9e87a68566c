// Waiting for what comes sooner or later.

/** Polls until it is so; throws after a while. */
export async function eventually(is: () => boolean | Promise<boolean>, what: string, withinMs = 20_000): Promise<void> {
  for (const untilMs = Date.now() + withinMs; !(await is()); ) {
    if (Date.now() > untilMs) throw new Error(`${what}: expected to become as wanted within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
