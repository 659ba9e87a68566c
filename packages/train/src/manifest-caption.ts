// Captions of a data set with and without placeholders.

/** Puts `[ref#n]` behind the first mention of each phrase; what a caption already names is left alone. */
export function withPlaceholders(caption: string, phrases: Readonly<Record<string, string>>): string {
  return Object.entries(phrases).reduce((text, [slot, phrase]) => {
    const token = `[ref#${slot}]`
    const at = text.indexOf(phrase)
    if (at < 0 || text.includes(token)) return text
    const end = at + phrase.length
    return `${text.slice(0, end)} ${token}${text.slice(end)}`
  }, caption)
}

/** The caption without placeholders and the gaps they leave. */
export function plainCaption(caption: string): string {
  return caption
    .replace(/\s*\[(?:ref#[1-9]|res)\]/g, '')
    .replace(/ {2,}/g, ' ')
    .trim()
}
