// Draws a scene as layers and joins them: the picture, and the exact mask of everything that a reference may show.
import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas'
import { type JoinedLayers, joinLayers, type NamedLayer, type Owner } from './layers.js'
import { createPen, type Pen } from './pen.js'
import { drawFace, drawGlasses } from './person/face.js'
import { drawGarment } from './person/garments.js'
import { drawBackHair, drawFrontHair, drawHat } from './person/hair.js'
import { drawBody } from './person/person.js'
import { drawPlace } from './places/places.js'
import { createRng } from './rng.js'
import { type PersonActor, type Placement, type Region, type Scene, type ThingActor, targetSizePx } from './scene.js'
import type { Layer } from './styles/layer-filters.js'
import { type Style, styles } from './styles/styles.js'
import { drawThing } from './things/things.js'

export interface DrawOptions {
  /** Pixels of a 64-unit box at scale 1: 48 or 64, the size of references. */
  readonly boxPx: number
  /** Leaves this out. */
  readonly omit?: Owner
}

/** Draws a scene at 128 × 128 pixels. */
export function drawScene(scene: Scene, { boxPx, omit }: DrawOptions): JoinedLayers {
  const style: Style = styles[scene.style]
  const ground = renderLayer(targetSizePx, style, scene.styleSeed, (ctx) => {
    for (const region of scene.regions) {
      ctx.save()
      clipTo(ctx, region)
      ctx.translate(region.xPx, 0)
      drawPlace(region.place, createPen(ctx, style.look), region.widthPx, createRng(region.seed))
      ctx.restore()
    }
  })
  const named: NamedLayer[] = [{ layer: ground }]
  scene.actors.forEach((actor, number) => {
    const middleXPx = actor.placement.xPx + boxPx / 2
    const region = scene.regions.find(({ xPx, widthPx }) => middleXPx < xPx + widthPx)!
    const seed = scene.styleSeed + number + 1
    for (const part of actor.type === 'thing' ? thingParts(actor, number) : personParts(actor, number)) {
      if (part.owner !== undefined && part.owner === omit) continue
      const layer = renderLayer(targetSizePx, style, seed, (ctx) => {
        clipTo(ctx, region)
        place(ctx, actor.placement, boxPx, actor.type === 'thing' ? 32 : 64)
        part.draw(createPen(ctx, style.look), ctx)
      })
      named.push({ layer, owner: part.owner })
    }
  })
  return joinLayers(named, style.finish, scene.styleSeed)
}

interface ActorPart {
  readonly owner?: Owner
  draw(pen: Pen, ctx: SKRSContext2D): void
}

function thingParts({ design }: ThingActor, number: number): ActorPart[] {
  return [{ owner: `thing-${number}`, draw: (pen) => drawThing(pen, design) }]
}

/** From back to front: body, garment, face, and what frames or covers the face. */
function personParts({ person }: PersonActor, number: number): ActorPart[] {
  const { face, outfit, garment } = person
  return [
    {
      draw(pen) {
        drawBackHair(pen, outfit)
        drawBody(pen, face)
      },
    },
    {
      owner: `garment-${number}`,
      draw(pen, ctx) {
        ctx.translate(0, 64)
        drawGarment(pen, garment)
      },
    },
    { owner: `face-${number}`, draw: (pen) => drawFace(pen, face, outfit.gaze) },
    {
      draw(pen) {
        if (outfit.glasses !== 'none') drawGlasses(pen, outfit.glasses)
        drawFrontHair(pen, outfit)
        drawHat(pen, outfit)
      },
    },
  ]
}

/** Draws on a transparent canvas and runs the style's filters over it. */
export function renderLayer(sizePx: number, style: Style, seed: number, draw: (ctx: SKRSContext2D) => void): Layer {
  const ctx = createCanvas(sizePx, sizePx).getContext('2d')
  draw(ctx)
  const pixels = ctx.getImageData(0, 0, sizePx, sizePx)
  const drawn: Layer = { width: sizePx, height: sizePx, data: pixels.data }
  return style.layerFilters.reduce((layer, filter) => filter(layer, seed), drawn)
}

/** Moves the 64-unit box to where it stands; middleY is the height, in units, about which it is scaled and turned. */
function place(ctx: SKRSContext2D, placement: Placement, boxPx: number, middleY: number): void {
  const unit = boxPx / 64
  ctx.translate(placement.xPx + 32 * unit, placement.yPx + middleY * unit)
  ctx.rotate((placement.tiltDeg * Math.PI) / 180)
  ctx.scale(unit * placement.scale * (placement.flip ? -1 : 1), unit * placement.scale)
  ctx.translate(-32, -middleY)
}

function clipTo(ctx: SKRSContext2D, region: Region): void {
  ctx.beginPath()
  ctx.rect(region.xPx, 0, region.widthPx, targetSizePx)
  ctx.clip()
}
