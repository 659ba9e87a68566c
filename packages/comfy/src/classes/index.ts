/** Every class of ComfyUI that we speak, by name. */
import { conditioningClasses } from './conditioning.js'
import type { ClassDeclaration } from './declaration.js'
import { dreamoClasses, dreamoPipeClasses } from './dreamo.js'
import { loaderClasses } from './loaders.js'
import { maskClasses, pictureClasses } from './pictures.js'
import { latentClasses, samplingClasses } from './sampling.js'
import { valueClasses } from './values.js'

/** A map, so that a class called `constructor` is not found in it. */
export const comfyClasses: ReadonlyMap<string, ClassDeclaration> = new Map(
  Object.entries({
    ...loaderClasses,
    ...conditioningClasses,
    ...latentClasses,
    ...samplingClasses,
    ...pictureClasses,
    ...maskClasses,
    ...dreamoClasses,
    ...dreamoPipeClasses,
    ...valueClasses,
  }),
)
