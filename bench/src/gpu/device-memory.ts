// What NVIDIA's driver says of its memory. Others have no common way to ask.
import { spawnSync } from 'node:child_process'

/** Bytes in use on all GPUs together; undefined where nobody knows. */
export function deviceMemoryBytes(): number | undefined {
  const query = ['--query-gpu=memory.used', '--format=csv,noheader,nounits']
  const { status, stdout } = spawnSync('nvidia-smi', query, { encoding: 'utf8' })
  if (status !== 0) return undefined
  return stdout.split('\n').reduce((sum, line) => sum + Number(line), 0) * 2 ** 20
}
