// Every fault of a checkpoint that a user can cause, under one stable code each.

/** Code → meaning. Codes are stable: scripts may match on them. */
export const weightsErrorCodes = {
  'weights/file-unreadable': 'the file is absent, a folder, or may not be read',
  'weights/header-truncated': 'the file ends before its header does',
  'weights/header-too-large': 'the header claims more than 100 MB',
  'weights/header-invalid': 'the header is not what its format prescribes',
  'weights/header-duplicate-key': 'a name occurs twice in the header',
  'weights/metadata-invalid': '__metadata__ is not a map of strings',
  'weights/dtype-unknown': 'a tensor has a dtype that this package does not know',
  'weights/shape-invalid': 'a shape is not a list of non-negative integers, or its product overflows',
  'weights/size-mismatch': 'shape × dtype is not the byte length of the tensor',
  'weights/offsets-invalid': 'tensor data overlaps, leaves a hole, or leaves the file',
  'weights/file-changed': 'the file became shorter after its header was read',
  'weights/index-invalid': 'a *.safetensors.index.json is not what the format prescribes',
  'weights/shard-missing': 'a shard named by the index is not in the folder',
  'weights/shard-outside': 'a shard named by the index lies outside its folder',
  'weights/shard-tensor-absent': 'a tensor is not in the shard that the index names',
  'weights/folder-empty': 'a folder holds no checkpoint',
  'weights/folder-ambiguous': 'a folder holds several checkpoints and none has a standard name',
  'weights/layout-unknown': 'the keys belong to no layout that this package knows',
  'weights/scale-unsupported': 'a scaled-fp8 file has a scale that is not one positive number per tensor',
  'weights/view-invalid': 'rows or a reshape that the tensor does not have',
  'weights/decode-unsupported': 'a tensor of this dtype cannot be read as numbers of the asked kind',
  'weights/write-invalid': 'tensors to be written do not form a valid file',
  'weights/does-not-match': 'a checkpoint does not have the tensors that the model needs',
  'weights/lora-invalid': 'a LoRA file is incomplete or of no known format',
  'weights/lora-does-not-fit': 'a LoRA belongs to another base model',
} as const

export type WeightsErrorCode = keyof typeof weightsErrorCodes

/** A user's fault in a checkpoint. Message: `<where>: expected <rule>, got <value>`. */
export class WeightsError extends Error {
  override readonly name = 'WeightsError'
  readonly userFault = true as const

  constructor(
    readonly code: WeightsErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options)
  }
}
