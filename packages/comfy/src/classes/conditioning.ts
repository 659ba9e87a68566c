/** Classes that make conditionings of texts. */
import { type ClassDeclaration, float, link, text } from './declaration.js'

const prompt = text({ multiline: true, dynamicPrompts: true })
const guidance = float({ default: 3.5, min: 0, max: 100, step: 0.1 })
const outputs = [['CONDITIONING', 'CONDITIONING']] as const

export const conditioningClasses: Readonly<Record<string, ClassDeclaration>> = {
  CLIPTextEncode: {
    title: 'CLIP Text Encode (Prompt)',
    category: 'conditioning',
    inputs: { text: prompt, clip: link('CLIP') },
    outputs,
  },
  CLIPTextEncodeFlux: {
    title: 'CLIPTextEncodeFlux',
    category: 'advanced/conditioning/flux',
    inputs: { clip: link('CLIP'), clip_l: prompt, t5xxl: prompt, guidance },
    outputs,
  },
  FluxGuidance: {
    title: 'FluxGuidance',
    category: 'advanced/conditioning/flux',
    inputs: { conditioning: link('CONDITIONING'), guidance },
    outputs,
  },
  ConditioningZeroOut: {
    title: 'Conditioning Zero Out',
    category: 'advanced/conditioning',
    inputs: { conditioning: link('CONDITIONING') },
    outputs,
  },
}
