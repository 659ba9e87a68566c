/** Worker of the child: ends it when its parent is gone, also while the main thread is inside one long native op. */

import { workerData } from 'node:worker_threads'

const intervalMs = 500

setInterval(() => {
  // An orphan is handed to another parent (POSIX); on Windows the id stays and only 'disconnect' ends the child.
  if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL')
}, intervalMs)
