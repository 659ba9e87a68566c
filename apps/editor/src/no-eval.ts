/**
 * Tells zod not to try whether code may be made from text: the server's content policy forbids it, and the browser would
 * report each try as an error. It must be set before zod is loaded, hence a module of its own.
 */
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } })
