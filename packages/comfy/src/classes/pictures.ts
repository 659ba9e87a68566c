/** Classes that read, write and change pictures and masks. */
import { type ClassDeclaration, choice, float, int, link, maxSide, oneOf, text } from './declaration.js'

const picture = oneOf('pictures', { image_upload: true })
const upscale_method = choice('nearest-exact', 'bilinear', 'area', 'bicubic', 'lanczos')
const pixels = (value: number, min = 0, step = 1) => int({ default: value, min, max: maxSide, step })

export const pictureClasses: Readonly<Record<string, ClassDeclaration>> = {
  LoadImage: {
    title: 'Load Image',
    category: 'image',
    inputs: { image: picture },
    outputs: [
      ['IMAGE', 'IMAGE'],
      ['MASK', 'MASK'],
    ],
  },
  SaveImage: {
    title: 'Save Image',
    category: 'image',
    inputs: { images: link('IMAGE'), filename_prefix: text({ default: 'ComfyUI' }) },
    outputs: [['images', 'IMAGE']],
    outputNode: true,
  },
  PreviewImage: {
    title: 'Preview Image',
    category: 'image',
    inputs: { images: link('IMAGE') },
    outputs: [['images', 'IMAGE']],
    outputNode: true,
  },
  ImageScale: {
    title: 'Upscale Image',
    category: 'image/upscaling',
    inputs: {
      image: link('IMAGE'),
      upscale_method,
      width: pixels(512),
      height: pixels(512),
      crop: choice('disabled', 'center'),
    },
    outputs: [['IMAGE', 'IMAGE']],
  },
  ImageScaleBy: {
    title: 'Upscale Image By',
    category: 'image/upscaling',
    inputs: {
      image: link('IMAGE'),
      upscale_method,
      scale_by: float({ default: 1, min: 0.01, max: 8, step: 0.01 }),
    },
    outputs: [['IMAGE', 'IMAGE']],
  },
  ImageCrop: {
    title: 'Crop Image',
    category: 'image/transform',
    inputs: {
      image: link('IMAGE'),
      width: pixels(512, 1),
      height: pixels(512, 1),
      x: pixels(0),
      y: pixels(0),
    },
    outputs: [['IMAGE', 'IMAGE']],
  },
  ImageInvert: {
    title: 'Invert Image Colors',
    category: 'image/color',
    inputs: { image: link('IMAGE') },
    outputs: [['IMAGE', 'IMAGE']],
  },
  ImagePadForOutpaint: {
    title: 'Pad Image for Outpainting',
    category: 'image/transform',
    inputs: {
      image: link('IMAGE'),
      left: pixels(0, 0, 8),
      top: pixels(0, 0, 8),
      right: pixels(0, 0, 8),
      bottom: pixels(0, 0, 8),
      feathering: pixels(40),
    },
    outputs: [
      ['IMAGE', 'IMAGE'],
      ['MASK', 'MASK'],
    ],
  },
  ImageBatch: {
    title: 'Batch Images',
    category: 'image/batch',
    inputs: { image1: link('IMAGE'), image2: link('IMAGE') },
    outputs: [['IMAGE', 'IMAGE']],
  },
  JoinImageWithAlpha: {
    title: 'Join Image with Alpha',
    category: 'mask/compositing',
    inputs: { image: link('IMAGE'), alpha: link('MASK') },
    outputs: [['IMAGE', 'IMAGE']],
  },
}

export const maskClasses: Readonly<Record<string, ClassDeclaration>> = {
  LoadImageMask: {
    title: 'Load Image (as Mask)',
    category: 'image',
    inputs: { image: picture, channel: choice('alpha', 'red', 'green', 'blue') },
    outputs: [['MASK', 'MASK']],
  },
  MaskToImage: {
    title: 'Convert Mask to Image',
    category: 'mask',
    inputs: { mask: link('MASK') },
    outputs: [['IMAGE', 'IMAGE']],
  },
  ImageToMask: {
    title: 'Convert Image to Mask',
    category: 'mask',
    inputs: { image: link('IMAGE'), channel: choice('red', 'green', 'blue', 'alpha') },
    outputs: [['MASK', 'MASK']],
  },
  InvertMask: {
    title: 'InvertMask',
    category: 'mask',
    inputs: { mask: link('MASK') },
    outputs: [['MASK', 'MASK']],
  },
}
