/** Access tokens that people leave in workflows: they leave neither this package nor stand in its messages. */

/** Names of inputs that hold secrets, such as hf_token. */
const secretName = /(^|_)(token|api_?key|password|secret)$/i

/** Tokens of Hugging Face, wherever they stand: in a widget without a name, in a note. */
const token = /\bhf_[A-Za-z0-9]{8,}/g

/** The text with each token emptied. */
export function withoutTokens(text: string): string {
  return text.replace(token, '')
}

/** A value without its secrets, given the name it stands under. */
export function withoutSecret<T>(name: string, value: T): T | string {
  if (typeof value !== 'string') return value
  return isSecret(name) ? '' : withoutTokens(value)
}

/** True for inputs whose text is nobody's business. */
export function isSecret(name: string): boolean {
  return secretName.test(name)
}
