/** Colours of the painted scene, read from the style sheet, so that both have one source. */

export interface PaintTheme {
  readonly background: string
  readonly grid: string
  readonly node: string
  readonly header: string
  readonly border: string
  readonly text: string
  readonly dim: string
  readonly accent: string
  readonly group: string
  readonly good: string
  readonly bad: string
  readonly font: string
  readonly linkAlpha: number
}

export function readPaintTheme(element: Element): PaintTheme {
  const style = getComputedStyle(element)
  const read = (name: string): string => style.getPropertyValue(name).trim()
  return {
    background: read('--canvas'),
    grid: read('--grid'),
    node: read('--node'),
    header: read('--node-header'),
    border: read('--node-border'),
    text: read('--text'),
    dim: read('--text-dim'),
    accent: read('--accent'),
    group: read('--group'),
    good: read('--good'),
    bad: read('--bad'),
    font: read('--font'),
    linkAlpha: Number(read('--link-alpha')),
  }
}

/** A colour for each category: a hue from its name, the same in every session. */
export function categoryColor(category: string): string {
  const known: Readonly<Record<string, string>> = {
    dreamo: '#8b7cf6',
    image: '#4ea1f3',
    mask: '#8fa3b0',
    model: '#b08be0',
    latent: '#c069d0',
    vae: '#d9739f',
    value: '#d6a541',
    switch: '#6fae6a',
    train: '#e0795a',
    component: '#4db6ac',
    unknown: '#d9534f',
  }
  if (known[category]) return known[category]
  let hash = 0
  for (const letter of category) hash = (hash * 31 + letter.charCodeAt(0)) % 360
  return `hsl(${hash} 55% 60%)`
}
