/** Conditionings: a text, how closely to follow it, and where it is written. */
import { comfyClasses } from '../classes/index.js'
import type { NodeView } from './node-view.js'
import { plainPrompt } from './plain-prompt.js'
import { refusalOf } from './refusals.js'
import type { Setting, TextPlan, Value } from './values.js'
import { nothing, type Translate, type Work } from './work.js'

const clipTextEncode: Translate = (node) => [conditioning(node, plainText(node, node.text('text')))]

/** Two texts, for CLIP and for T5; ours is one, and T5 understands more of it. */
const clipTextEncodeFlux: Translate = (node) => {
  const [short, long] = [node.text('clip_l'), node.text('t5xxl')]
  const chosen = long.value === '' ? short : long
  if (short.value !== '' && long.value !== '' && short.value !== long.value) {
    node.say('guessed', 'dreamo/encode-text', 'one text for both encoders: that of t5xxl')
  }
  return [{ ...conditioning(node, plainText(node, chosen)), guidance: node.float('guidance') }]
}

const fluxGuidance: Translate = (node) => {
  const given = node.need('conditioning', 'conditioning')
  if (!given) return nothing
  node.say('mapped', 'input guidance')
  return [{ ...given, guidance: node.float('guidance') }]
}

/** Zeros in the place of a text: nearest to them is a text that says nothing. */
const conditioningZeroOut: Translate = (node) => {
  const given = node.take('conditioning', 'conditioning')
  return [{ ...conditioning(node, { value: '', key: `${node.id}.text` }), guidance: given?.guidance }]
}

export const textTranslators: Readonly<Record<string, Translate>> = {
  CLIPTextEncode: clipTextEncode,
  CLIPTextEncodeFlux: clipTextEncodeFlux,
  FluxGuidance: fluxGuidance,
  ConditioningZeroOut: conditioningZeroOut,
}

function conditioning({ id, class: type }: NodeView, text: Setting<string>): Value & { kind: 'conditioning' } {
  return { kind: 'conditioning', text: { id, class: type, text }, guidance: undefined }
}

function plainText(node: NodeView, setting: Setting<string>): Setting<string> {
  const { text, lost } = plainPrompt(setting.value)
  if (lost.length > 0) node.say('guessed', 'dreamo/encode-text', `the prompt is taken without ${lost.join(' and ')}`)
  return { ...setting, value: text }
}

/** Our node that encodes a text for a model. */
export function makeText(work: Work, plan: TextPlan, model: string, role: 'prompt' | 'negative'): string {
  return work.once(`text ${plan.id} ${plan.text.key} ${model}`, () => {
    const id = work.draft.add('dreamo/encode-text', role, plan)
    work.draft.link({ node: model, socket: 'model' }, { node: id, socket: 'model' })
    const title = role === 'prompt' ? 'Prompt' : 'Negative prompt'
    const { key, value } = plan.text
    work.draft.declare({ key, name: role, type: 'text', default: value, title }, id, 'text')
    if (plan.class === 'ConditioningZeroOut') {
      work.report.say('guessed', plan, 'dreamo/encode-text', 'zeroed states become an empty prompt')
    } else if (!comfyClasses.has(plan.class)) {
      work.report.say('guessed', plan, 'dreamo/encode-text', refusalOf(plan.class, 'its text is taken as a prompt'))
    } else work.report.say('mapped', plan, 'dreamo/encode-text')
    return id
  })
}
