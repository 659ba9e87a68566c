/** Why a class is left out, and what would be imported in its place. */

const refusals: readonly (readonly [RegExp, string])[] = [
  [/^workflow[>/]/, 'a group node of an older ComfyUI; convert it to a subgraph there and save again'],
  [/^(Get|Set)Node$|Anything Everywhere/, 'a link without a wire of a node pack; draw the wire'],
  [
    /ControlNet|T2IAdapter|QuadrupleCLIP/i,
    'there is no control net here; a DreamO reference takes over a subject or a style',
  ],
  [
    /IPAdapter|PuLID|InstantID|Redux|StyleModel|CLIPVision/i,
    'DreamORefEncode and ApplyDreamO do that here: tasks ip, id and style',
  ],
  [
    /Inpaint|NoiseMask|DifferentialDiffusion/i,
    'there is no inpainting here; EmptySD3LatentImage with a reference would be imported',
  ],
  [/Kontext/i, 'made for FLUX.1 Kontext, which is another model'],
  [
    /LatentUpscale|LatentComposite|LatentBlend|LatentFromBatch|RepeatLatent/i,
    'there is one sampling here, from noise; change the size in EmptySD3LatentImage',
  ],
  [/UpscaleModel|UltimateSDUpscale|UpscaleWith/i, 'there is no upscaling model here; ImageScale would be imported'],
  [
    /^ImageScaleBy$|ScaleToTotalPixels/,
    'resizing takes pixels here: ImageScale with a width and a height would be imported',
  ],
  [/^ImageInvert$/, 'no node inverts colours'],
  [/^ImagePadForOutpaint$/, 'image/pad pads up to a multiple or a shape, not by sides; pad the picture beforehand'],
  [/^MaskToImage$/, 'no node shows a mask as a picture; a mask itself goes wherever a mask is taken'],
  [
    /Conditioning(Combine|Concat|Average|SetArea|SetMask|SetTimestepRange)/,
    'one text steers a picture here; write it into one CLIPTextEncode',
  ],
  [/GGUF/i, 'GGUF files are not read; --input model=FOLDER takes FLUX.1-dev in the layout of diffusers'],
  [
    /TeaCache|FirstBlockCache|FBCache|TorchCompile|SageAttention|FreeU|Hypertile/i,
    'it makes sampling faster and changes the picture little',
  ],
  [/Video|Audio|Animat/i, 'pictures only'],
]

/** One sentence; `effect` says what happens to what was to pass through. */
export function refusalOf(classType: string, effect: string): string {
  const why = refusals.find(([pattern]) => pattern.test(classType))?.[1]
  return `${why ?? 'no node here does what it does'}; ${effect}`
}
