/** Version of all that crosses a wire, and where it lives. */

/** Bumped when a client of the former version would misunderstand; fields may be added without. */
export const protocolVersion = 1

/** Before every path in `routes`. */
export const apiPrefix = '/v1'

/** Path of the clients' WebSocket, and of the workers'. */
export const eventsPath = `${apiPrefix}/events`
export const workerPath = `${apiPrefix}/worker`
