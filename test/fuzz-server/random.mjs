// A seeded source of oddities: numbers, texts, JSON, bytes, and damaged versions of good ones.

/** @param {number} seed */
export function randomSource(seed) {
  let state = seed >>> 0
  // mulberry32: small, seedable, good enough to choose oddities with
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (below) => Math.floor(next() * below)
  const pick = (list) => list[int(list.length)]
  const chance = (p) => next() < p

  const text = () =>
    chance(0.5) ? pick(nastyTexts) : String.fromCodePoint(...Array.from({ length: int(40) }, codePoint))
  const codePoint = () => pick([int(128), int(0xd800), 0xe000 + int(0x1000), 0x1f600 + int(64)])

  const json = (depth = 0) => {
    const kind = int(depth > 3 ? 5 : 8)
    if (kind === 0) return null
    if (kind === 1) return chance(0.5)
    if (kind === 2) return pick([0, -1, 1e308, 2 ** 53, -(2 ** 31), 0.1, int(1e6)])
    if (kind < 5) return text()
    if (kind === 5) return Array.from({ length: int(6) }, () => json(depth + 1))
    return Object.fromEntries(Array.from({ length: int(6) }, () => [text(), json(depth + 1)]))
  }

  /** The value with something in it replaced, left out or added. */
  const damage = (value) => {
    if (typeof value !== 'object' || value === null || chance(0.15)) return json()
    // Not [...value]: an addition named __proto__ takes an array its iterator.
    const copy = Array.isArray(value) ? Array.from(value) : { ...value }
    const keys = Object.keys(copy)
    if (keys.length === 0 || chance(0.1)) return Object.assign(copy, { [text()]: json() })
    const key = pick(keys)
    if (chance(0.2)) delete copy[key]
    else copy[key] = damage(copy[key])
    return copy
  }

  const bytes = (length) => Uint8Array.from({ length }, () => int(256))
  /** Good bytes with some turned over, cut short or lengthened. */
  const damageBytes = (good) => {
    const copy = Uint8Array.from(good)
    for (let i = int(20); i >= 0; i--) if (copy.length > 0) copy[int(copy.length)] = int(256)
    if (chance(0.3)) return copy.subarray(0, int(copy.length + 1))
    return chance(0.1) ? Uint8Array.from([...copy, ...bytes(int(100))]) : copy
  }
  return { int, pick, chance, text, json, damage, bytes, damageBytes }
}

const nastyTexts = [
  '',
  '..',
  '../../../../etc/passwd',
  '..%2f..%2f..%2fetc%2fpasswd',
  '/etc/passwd',
  '\\\\server\\share',
  'C:\\Windows\\win.ini',
  'upload/../../x.png',
  `upload/${'0'.repeat(64)}/../../../x.png`,
  '\u0000',
  'a\u0000.png',
  '\ud800',
  '__proto__',
  'constructor',
  'toString',
  "'; drop table jobs; --",
  '%',
  '%00',
  '%zz',
  '_'.repeat(300),
  '9'.repeat(400),
  'NaN',
  '-0',
  '1e999',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '00000000-0000-4000-8000-000000000000',
]
