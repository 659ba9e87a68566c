import { access } from 'node:fs/promises'
import { FACE_SEARCH_LONG_EDGE, type RgbImage, resizeToLongEdge } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { NodesError } from '../errors.js'
import { defineNode, type Services } from '../services.js'
import { socket } from '../sockets.js'
import { alignFace, centralFace } from '../vision/align-face.js'
import { openFaceDetector, openFaceParser } from '../vision/face-models.js'
import type { ModelPath } from '../vision/onnx-file.js'
import { flatMask } from './pixels.js'

interface FoundFace {
  readonly image: RgbImage
  readonly mask: RgbImage
  readonly task: 'id' | 'ip'
}

/** Cuts the face out of a photograph as identity references need it: upright, 512×512, with a mask of its features. */
export const imageFaceCrop = defineNode({
  type: 'image/face-crop',
  version: 1,
  title: 'Crop face',
  description:
    'Finds the face nearest to the middle, turns it upright and cuts it to 512×512, with a mask of skin, features and ' +
    'hair. Outputs are lists, so that a photograph without a face can give none; a reference made of them maps over them.',
  inputs: { image: socket.image() },
  params: {
    noFace: p.choice(['error', 'treat-as-ip', 'skip'], {
      title: 'When there is no face',
      default: 'error',
      description: 'error: the flow stops. treat-as-ip: the whole picture, as a subject. skip: no reference at all.',
    }),
    confidence: p.float({ title: 'Confidence', default: 0.5, min: 0.01, max: 1 }),
    detector: p.file({
      title: 'Face detector',
      default: 'models/face-detector.onnx',
      extensions: ['onnx'],
      description: 'SCRFD with landmarks, such as det_10g.onnx.',
    }),
    parser: p.file({
      title: 'Face parser',
      default: 'models/face-parser.onnx',
      extensions: ['onnx'],
      description: 'BiSeNet with the 19 labels of CelebAMask-HQ, 512×512.',
    }),
  },
  outputs: {
    image: socket.image({ list: true }),
    mask: socket.mask({ list: true }),
    task: socket.text({ list: true, description: 'id, or ip where the whole picture stands in for a face.' }),
  },
  async fingerprint({ params, services }) {
    const [detector, parser] = await faceModels(params, services)
    return `${await services.files.digest(detector.path)} ${await services.files.digest(parser.path)}`
  },
  async run({ inputs: { image }, params, ctx, services }) {
    const [detectorPath, parserPath] = await faceModels(params, services)
    const photo = resizeToLongEdge(image, FACE_SEARCH_LONG_EDGE)
    const detector = await openFaceDetector(detectorPath)
    const faces = await detector.find(photo, { signal: ctx.signal, confidence: params.confidence })
    const face = centralFace(photo, faces)
    const aligned = face && alignFace(photo, face.landmarks)
    if (!aligned) return listed(withoutFace(image, params.noFace))
    const parser = await openFaceParser(parserPath)
    return listed([{ image: aligned, mask: await parser.features(aligned, { signal: ctx.signal }), task: 'id' }])
  },
})

function withoutFace(image: RgbImage, policy: 'error' | 'treat-as-ip' | 'skip'): FoundFace[] {
  if (policy === 'skip') return []
  if (policy === 'treat-as-ip') return [{ image, mask: flatMask(image, 255), task: 'ip' }]
  throw new NodesError('nodes/face-not-found', `crop face: expected a face in the picture, got none`)
}

const listed = (faces: readonly FoundFace[]) => ({
  image: faces.map(({ image }) => image),
  mask: faces.map(({ mask }) => mask),
  task: faces.map(({ task }): string => task),
})

/** Both models' files. Throws nodes/face-models-missing, which names all that is missing. */
async function faceModels(
  { detector, parser }: { detector: string; parser: string },
  { files }: Services,
): Promise<[ModelPath, ModelPath]> {
  const models = [
    { path: await files.resolveInput(detector), name: detector, kind: 'an SCRFD face detector with landmarks' },
    { path: await files.resolveInput(parser), name: parser, kind: 'a BiSeNet face parser with 19 labels' },
  ] as const
  const absent: string[] = []
  for (const { path, name, kind } of models) {
    await access(path).catch(() => absent.push(`${kind} at ${name}`))
  }
  if (absent.length > 0) {
    const rule = `ONNX files, ${absent.join(' and ')}`
    throw new NodesError('nodes/face-models-missing', `crop face: expected ${rule}, got no file`)
  }
  return [models[0], models[1]]
}
