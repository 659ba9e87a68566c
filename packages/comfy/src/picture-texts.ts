// What a picture that ComfyUI saved holds of its flow.
import { type ComfyJson, parseComfy } from './exact-json.js'

/**
 * From the texts of a PNG by keyword: the prompt that painted it, to be laid out as in the workflow beside it, or that
 * workflow alone; undefined for a picture without either. Throws ComfyError for texts that are no JSON.
 */
export function flowOfTexts(
  texts: ReadonlyMap<string, string>,
): { readonly value: ComfyJson; readonly layout?: ComfyJson } | undefined {
  const read = (keyword: string): ComfyJson | undefined => {
    const text = texts.get(keyword)
    return text === undefined ? undefined : parseComfy(text)
  }
  const [prompt, workflow] = [read('prompt'), read('workflow')]
  if (prompt === undefined) return workflow === undefined ? undefined : { value: workflow }
  return workflow === undefined ? { value: prompt } : { value: prompt, layout: workflow }
}
