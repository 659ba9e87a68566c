// Who may be called what. Inputs, weights and outputs have public names; everything else is %i, as in the printed form.

/** A leading % belongs to emission, and ONNX reads an empty name as "absent". */
export const isPublicName = (name: string): boolean => name !== '' && !name.startsWith('%')
