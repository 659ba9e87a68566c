// Every word that captions can use: what the tokenizers of a small model have to know.
import { sameStylePrefix } from './caption.js'
import { accentsFor, colourNames, eyeColours, hairColours, skins } from './palette.js'
import { patternPhrases } from './patterns.js'
import { markPhrases } from './person/face.js'
import { garmentKinds } from './person/garments.js'
import { glassesKinds, hairPhrases, hatKinds } from './person/outfit.js'
import { placePhrases } from './places/places.js'
import { spotPhrases } from './scene.js'
import { styleNames } from './styles/styles.js'
import { thingKinds } from './things/things.js'

/** Words of the sentences around the tables. */
const frame = `a an and the first second in of on with wearing picture pictures two side by : person bald head hair eyes skin
  glasses style`

/**
 * All words and punctuation marks of all captions, in lower case, sorted, each once. A mark is a word of its own, however
 * it leans on its neighbour; `[ref#1]` and `[ref#2]` are not among them: they are placeholders, not words.
 */
export function worldVocabulary(): string[] {
  const phrases = [
    frame,
    sameStylePrefix,
    ',',
    ...thingKinds,
    ...garmentKinds,
    ...colourNames.flatMap((colour) => [colour, ...accentsFor[colour]]),
    ...Object.keys(skins),
    ...Object.keys(eyeColours),
    ...Object.keys(hairColours),
    ...Object.values(patternPhrases),
    ...Object.values(markPhrases),
    ...Object.values(hairPhrases),
    ...hatKinds.filter((hat) => hat !== 'none'),
    ...glassesKinds.filter((glasses) => glasses !== 'none'),
    ...Object.values(placePhrases),
    ...Object.values(spotPhrases),
    ...styleNames,
  ]
  return [...new Set(phrases.flatMap(captionWords))].sort()
}

/** A caption as words and punctuation marks, placeholders left out. */
export function captionWords(caption: string): string[] {
  return caption.replace(/\[ref#\d\]/g, ' ').match(/[a-z]+(?:-[a-z]+)*|[.,:]/g) ?? []
}
