import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const program = fileURLToPath(new URL('../dist/train-vae.js', import.meta.url))
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'part-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('a signal, even one that comes twice at once, leaves a checkpoint, says how to go on, and ends with 130', {
  timeout: 180_000,
}, async () => {
  const child = spawn(process.execPath, [program, '--folder', folder], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (!text.includes('autoencoder: 2700 steps')) return
    child.kill('SIGTERM')
    child.kill('SIGINT')
  })
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  expect(said).toMatch(/^stopping after this step/m)
  const [, step] = /got stopped after step (\d+); the same command goes on from there/.exec(said) ?? []
  expect(code).toBe(130)
  expect(await readdir(join(folder, 'vae'))).toEqual([`step-${step!.padStart(8, '0')}.safetensors`])
  expect(await readdir(folder)).toEqual(['vae']) // no half-trained autoencoder where the next part would take it
})
