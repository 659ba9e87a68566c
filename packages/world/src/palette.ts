// Every colour of the world and its name in captions.

/** Red, green, blue, each 0..255. */
export type Rgb = readonly [number, number, number]

/** Colours that a thing or a garment is named by. Far apart, so that each can be read from a picture. */
export const colours = {
  red: [214, 40, 44],
  orange: [245, 130, 32],
  yellow: [250, 206, 50],
  green: [56, 158, 70],
  blue: [45, 98, 206],
  purple: [132, 62, 172],
  pink: [244, 140, 184],
  brown: [130, 84, 48],
} as const satisfies Record<string, Rgb>

export type Colour = keyof typeof colours
export const colourNames = Object.keys(colours) as Colour[]

/** Second colours: patterns, handles, roofs. White and black serve only here. */
export const accents = {
  white: [250, 250, 248],
  black: [44, 42, 52],
  red: colours.red,
  yellow: colours.yellow,
  green: colours.green,
  blue: colours.blue,
} as const satisfies Record<string, Rgb>

export type Accent = keyof typeof accents
export const accentNames = Object.keys(accents) as Accent[]

/** The second colours that stand out on a first colour: at least 150 apart as points in RGB. */
export const accentsFor: Record<Colour, readonly Accent[]> = Object.fromEntries(
  colourNames.map((name) => [name, accentNames.filter((accent) => distance(colours[name], accents[accent]) >= 150)]),
) as unknown as Record<Colour, readonly Accent[]>

export const skins = {
  pale: [255, 228, 208],
  fair: [246, 205, 172],
  tan: [224, 172, 126],
  olive: [196, 146, 94],
  brown: [148, 98, 62],
  dark: [96, 62, 44],
} as const satisfies Record<string, Rgb>

export const eyeColours = {
  blue: [48, 120, 220],
  green: [52, 160, 80],
  brown: [120, 70, 30],
  gray: [120, 132, 144],
} as const satisfies Record<string, Rgb>

export const hairColours = {
  black: [40, 36, 42],
  brown: [116, 70, 36],
  blond: [242, 206, 104],
  red: [200, 76, 30],
  gray: [168, 170, 178],
  blue: [70, 130, 220],
} as const satisfies Record<string, Rgb>

export type HairColour = keyof typeof hairColours
export const hairColourNames = Object.keys(hairColours) as HairColour[]

/** Colours of parts that no caption names. */
export const fixedTones = {
  ink: [38, 36, 46],
  white: [252, 252, 250],
  glass: [176, 222, 244],
  wood: [164, 112, 66],
  steel: [150, 158, 170],
  gold: [255, 202, 60],
  flame: [255, 120, 40],
  rose: [240, 120, 130],
} as const satisfies Record<string, Rgb>

/** a + (b − a)·t, channel by channel. */
export function mix(a: Rgb, b: Rgb, t: number): Rgb {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t]
}

export const darker = (colour: Rgb, t: number): Rgb => mix(colour, [20, 16, 36], t)
export const lighter = (colour: Rgb, t: number): Rgb => mix(colour, [255, 255, 255], t)

/** Rec. 601 luma, 0..255. */
export function luma(colour: Rgb): number {
  return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]
}

function distance(a: Rgb, b: Rgb): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
}
