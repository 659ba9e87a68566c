// Reference pictures as DreamO sees them after preprocessing: a thing, a garment or a bare face on white; a style as it is.

import type { Design } from './design.js'
import { drawScene, renderLayer } from './draw-scene.js'
import { joinLayers } from './layers.js'
import { createPen, type Pen } from './pen.js'
import { drawFace, drawGlasses, type Face } from './person/face.js'
import { drawGarment, type GarmentKind } from './person/garments.js'
import type { Outfit } from './person/outfit.js'
import type { Mask, Picture } from './picture.js'
import type { Scene } from './scene.js'
import { styles } from './styles/styles.js'
import { drawThing, type ThingKind } from './things/things.js'

/** A reference: size × size pixels; the mask is 255 where the subject is. */
export interface DrawnReference {
  readonly picture: Picture
  readonly mask: Mask
}

export function drawThingReference(design: Design<ThingKind>, sizePx: number): DrawnReference {
  return alone(sizePx, (pen) => drawThing(pen, design))
}

export function drawGarmentReference(design: Design<GarmentKind>, sizePx: number): DrawnReference {
  return alone(sizePx, (pen) => drawGarment(pen, design))
}

/** A face without hair and hat, looking ahead; glasses stay, as they do on a cropped photograph. */
export function drawFaceReference(face: Face, glasses: Outfit['glasses'], sizePx: number): DrawnReference {
  return alone(sizePx, (pen) => {
    drawFace(pen, face, 0)
    if (glasses !== 'none') drawGlasses(pen, glasses)
  })
}

/** The corner of the window that a style reference shows of its scene. */
export const styleWindow = { xPx: 32, yPx: 48 } as const

/** A window into another scene of the style, at that scene's own scale, so that strokes and grain are as in a target. */
export function drawStyleReference(scene: Scene, sizePx: number): DrawnReference {
  const { picture } = drawScene(scene, { boxPx: 64 })
  const data = new Uint8Array(sizePx * sizePx * 3)
  for (let y = 0; y < sizePx; y++) {
    const from = ((styleWindow.yPx + y) * picture.width + styleWindow.xPx) * 3
    data.set(picture.data.subarray(from, from + sizePx * 3), y * sizePx * 3)
  }
  const whole = new Uint8Array(sizePx * sizePx).fill(255)
  return {
    picture: { width: sizePx, height: sizePx, data },
    mask: { width: sizePx, height: sizePx, data: whole },
  }
}

function alone(sizePx: number, draw: (pen: Pen) => void): DrawnReference {
  const layer = renderLayer(sizePx, styles.flat, 0, (ctx) => {
    ctx.scale(sizePx / 64, sizePx / 64)
    draw(createPen(ctx, styles.flat.look))
  })
  const { picture, masks } = joinLayers([{ layer, owner: 'thing-0' }], undefined, 0)
  return { picture, mask: masks.get('thing-0')! }
}
