export { renderSample, type Sample, type SampleReference, sceneOf } from './sample.js'
export type { SampleRequest } from './request.js'
export { type Difficulty, difficultyOf, type Task, type TaskMixture, taskMixture, tasks } from './tasks.js'
export { sameStylePrefix } from './caption.js'
export { captionWords, worldVocabulary } from './vocabulary.js'
export { type ContactSheetOptions, contactSheet } from './contact-sheet.js'
export {
  drawSheet,
  type SheetCell,
  type SheetForm,
  type SheetPicture,
  type SheetText,
  sheetColours,
  sheetLinePx,
} from './sheet.js'
export { WorldError, type WorldErrorCode, worldErrorCodes } from './errors.js'
export type { Mask, Picture } from './picture.js'
export type { PersonActor, Placement, Region, Scene, Spot, ThingActor } from './scene.js'
export { targetSizePx } from './scene.js'
export { type Split, splitOfDesign, splitOfFace } from './split.js'
export type { Design, Patterned } from './design.js'
export { type Accent, accentNames, type Colour, colourNames, type HairColour, hairColourNames } from './palette.js'
export { type Pattern, patternNames } from './patterns.js'
export { type ThingKind, thingKinds } from './things/things.js'
export { type Face, faceAttributes } from './person/face.js'
export { type GarmentKind, garmentKinds } from './person/garments.js'
export { glassesKinds, type HairStyle, hairStyles, hatKinds, type Outfit } from './person/outfit.js'
export type { Person } from './person/person.js'
export { type Place, placeNames } from './places/places.js'
export { type StyleName, styleNames, styles } from './styles/styles.js'
