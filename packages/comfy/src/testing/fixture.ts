/** Reads the fixtures: reduced files in the structure of real ones, with their traps. */
import { readFileSync } from 'node:fs'
import { type ComfyObject, parseComfy } from '../exact-json.js'

export const fixtureNames = [
  'dreamo-v1',
  'dreamo-v1.1',
  'dreamo-two-conditions',
  'dreamo-pipe',
  'flux-ksampler',
  'flux-custom-sampler',
] as const

export type FixtureName = (typeof fixtureNames)[number]

export function fixtureText(name: FixtureName): string {
  return readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')
}

export function fixture(name: FixtureName): ComfyObject {
  return parseComfy(fixtureText(name)) as ComfyObject
}
