/** The user faults this package can report: one table of stable codes, one error class. */

/** Code → what it means. Codes are stable: tools and translations key on them. */
export const dreamoErrors = {
  'dreamo/config-invalid':
    'A config.json holds a value of the wrong type or range, or values that contradict each other.',
  'dreamo/config-unsupported': 'A config.json asks for a variant of the architecture that is not implemented.',
  'dreamo/config-missing': 'A model lies in a single file, and its shapes do not tell all of its config.',
  'dreamo/files-missing': 'A model folder lacks components, or a path leads nowhere.',
  'dreamo/embeddings-missing': 'References are given, but no loaded file holds the embeddings of DreamO.',
  'dreamo/embeddings-invalid': 'The embeddings of DreamO do not fit the model.',
  'dreamo/models-mismatched': 'Two components of a model do not fit together.',
  'dreamo/blocks-unsupported': 'Weights that GGUF keeps in blocks are asked for something else than making pictures.',
  'dreamo/float16-missing': 'A transformer is to run in float16, and the device does not compute in it.',
  'dreamo/sampling-invalid': 'Guidance or true CFG settings are out of range.',
  'dreamo/size-invalid': 'A picture or latent size is not one the model can work on.',
  'dreamo/image-invalid': 'A picture holds no pixels, or its bytes do not match its stated size.',
  'dreamo/mask-invalid': 'A mask does not fit the picture it belongs to.',
  'dreamo/steps-invalid': 'The number of sampling steps is not a whole number from 1 on.',
  'dreamo/seed-invalid': 'A seed is not a whole number of 64 bits.',
  'dreamo/reference-slot-invalid': 'A reference sits in a slot other than 1 to 9.',
  'dreamo/reference-slot-taken': 'Two references claim the same slot.',
  'dreamo/reference-too-many': 'There are more references than the nine index embeddings trained for them.',
  'dreamo/tokenizer-missing': 'A tokenizer folder lacks the files to build the tokenizer from.',
  'dreamo/tokenizer-invalid': 'A tokenizer file is there but is not what its name promises.',
  'dreamo/prompt-invalid': 'A prompt cannot be encoded.',
  'dreamo/preset-unknown': 'No preset has that name.',
} as const

export type DreamoErrorCode = keyof typeof dreamoErrors

/** A fault of the user's input. The message reads `<where>: expected <rule>, got <value>`; `cause` is kept. */
export class DreamoError extends Error {
  override readonly name = 'DreamoError'
  readonly userFault = true as const
  readonly code: DreamoErrorCode

  constructor(code: DreamoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
