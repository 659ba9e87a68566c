import { basename, dirname, join } from 'node:path'
import type { RgbImage } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { writeFileAtomic } from '@dreamgraph/store'
import { pictureRecord, writePictureRecord } from '../picture-record.js'
import { defineNode, type RunRecord, type Services } from '../services.js'
import { socket } from '../sockets.js'
import { encodePicture, extensionOf, pictureFormats } from './encode.js'
import { claimPath, fileStem, writeNumbered } from './picture-name.js'

/** Writes a picture into the output folder. A PNG also carries the workflow, its inputs and the models it used. */
export const imageSave = defineNode({
  type: 'image/save',
  version: 1,
  title: 'Save image',
  description:
    'Writes a picture into the output folder. A PNG also carries the workflow that made it, so that it can be opened as ' +
    'a workflow and verified; JPEG and WebP hold the picture alone.',
  inputs: { image: socket.image() },
  params: {
    name: p.text({
      title: 'Name',
      default: 'picture',
      maxLength: 2000,
      description:
        'Without extension; "cats/tom" makes a folder. Characters that file systems refuse become _, long names are cut.',
    }),
    format: p.choice(pictureFormats, { default: 'png', title: 'Format' }),
    quality: p.int({ default: 95, min: 1, max: 100, title: 'Quality', description: 'Of JPEG and WebP.' }),
    existing: p.choice(['number', 'overwrite'], {
      default: 'number',
      title: 'When the name is taken',
      description: 'number: each picture gets the next number. overwrite: replaces what older runs left.',
    }),
    record: p.boolean({ default: true, title: 'Carry the workflow', description: 'In PNG only.' }),
  },
  resource: 'io',
  effect: true,
  async run({ inputs: { image }, params, services }) {
    const extension = extensionOf[params.format]
    const stem = fileStem(params.name)
    const encode = async () => {
      const bytes = await encodePicture(image, params.format, params.quality)
      return params.record && params.format === 'png' ? addRecord(bytes, image, services.record) : bytes
    }
    const isNumbered = params.existing === 'number'
    const path = isNumbered
      ? await writeNumbered(() => resolveStem(stem, extension, services), extension, encode)
      : await overwrite(stem, extension, services, encode)
    services.files.onWritten({ path, kind: 'image', isNumbered })
    return {}
  },
})

const addRecord = (png: Uint8Array, image: RgbImage, run: RunRecord): Uint8Array =>
  writePictureRecord(png, pictureRecord(image, run))

/** Absolute path without extension, in a folder that exists. */
async function resolveStem(stem: string, extension: string, { files }: Services): Promise<string> {
  const path = await files.resolveOutput(`${stem}.${extension}`)
  return join(dirname(path), basename(path, `.${extension}`))
}

/** Writes `<stem>.<extension>`, or `<stem>-2.<extension>` and on where this run has written that one itself. */
async function overwrite(
  stem: string,
  extension: string,
  { files, record }: Services,
  encode: () => Promise<Uint8Array>,
): Promise<string> {
  for (let count = 1; ; count++) {
    const path = await files.resolveOutput(`${stem}${count === 1 ? '' : `-${count}`}.${extension}`)
    if (!claimPath(record, path)) continue
    await writeFileAtomic(path, await encode())
    return path
  }
}
