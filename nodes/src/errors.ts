// The user faults that nodes themselves can report: one table of stable codes, one error class.

/** Code → what it means. Codes are stable: tools and translations key on them. */
export const nodesErrors = {
  'nodes/model-missing': 'No model is registered under a name, and no folder lies there either.',
  'nodes/model-name-invalid': 'A name to register a model under has characters that names may not have.',
  'nodes/model-name-taken': 'A name to download a model under is that of one that comes along.',
  'nodes/registry-invalid': 'The file that lists the registered models is damaged.',
  'nodes/preset-files-missing': 'Files of a DreamO preset are not where they are looked for.',
  'nodes/negative-missing': 'True CFG is asked for, and there is no negative prompt to run it against.',
  'nodes/conditions-mismatched': 'Texts or references were encoded by a model of other widths.',
  'nodes/routing-missing': 'A routing mask was asked for a reference that no routing map was kept of.',
  'nodes/latent-mismatched': "Latents have not the channels of the model's autoencoder.",
  'nodes/file-missing': 'A file that a node reads is absent, a folder, or may not be read.',
  'nodes/image-unreadable': 'A file is no picture in a known format, or its data is damaged.',
  'nodes/image-too-large': 'A picture has, or would get, more pixels than a node takes.',
  'nodes/mask-size': 'A mask has another size than the picture or mask it goes with.',
  'nodes/size-invalid': 'A side of a picture to train on does not fill whole tokens of 16 pixels.',
  'nodes/region-outside': 'A rectangle reaches beyond the picture it is taken from.',
  'nodes/color-invalid': 'A colour is not written as #rgb, #rrggbb or #rrggbbaa.',
  'nodes/name-invalid': 'A file name to save under is empty or names a folder.',
  'nodes/png-malformed': 'The bytes are no PNG file, or its chunks are damaged.',
  'nodes/record-malformed': 'A picture carries a record of its making that cannot be read.',
  'nodes/background-not-uniform': 'The background is not plain enough to be removed without a model.',
  'nodes/subject-missing': 'Nothing stands out from a plain background.',
  'nodes/matting-model-missing': 'Removing the background by model needs a model file, and none is given.',
  'nodes/model-unsupported': 'An ONNX file is not a model of the kind that the node can use.',
  'nodes/face-models-missing': 'Finding or parsing faces needs models that are not given.',
  'nodes/face-not-found': 'No face was found, and the node was told to fail then.',
  'nodes/template-invalid': 'A text template names an input that is not linked, or has a brace without a partner.',
  'nodes/packs-unavailable': 'This Node cannot take permissions away from a process, so no pack may run in it.',
  'nodes/pack-invalid':
    'A node pack is no folder with a package.json and a module, or its module declares no proper nodes.',
  'nodes/pack-changed': 'A node pack has other files than when it was opened.',
  'nodes/pack-failed': 'A node of a pack threw an error, or returned something else than it declares.',
  'nodes/pack-ended': 'The process of a node pack ended, or was ended, in the middle of its work.',
  'nodes/pack-overdue': 'A node pack took longer to load, or to run, than it may.',
  'nodes/pack-too-large': 'A node pack took more memory than it may, or was given or gave more data at once.',
  'nodes/list-invalid': 'A list of values would be empty or longer than the limit, or leave the range of its type.',
} as const

export type NodesErrorCode = keyof typeof nodesErrors

/** A fault of the user's input. The message reads `<where>: expected <rule>, got <value>`; `cause` is kept. */
export class NodesError extends Error {
  override readonly name = 'NodesError'
  readonly userFault = true as const
  readonly code: NodesErrorCode

  constructor(code: NodesErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
