// Draws the pictures that the example workflows take as references: node examples/pictures/draw.mjs
// Plain backgrounds, so that they can be removed without a matting model. The PNGs are committed; run this to change them.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

const folder = dirname(fileURLToPath(import.meta.url))

const cat = `
  <rect width="256" height="256" fill="#e9eef2"/>
  <path d="M186 210 q44 -10 38 -62" fill="none" stroke="#d9822b" stroke-width="16" stroke-linecap="round"/>
  <ellipse cx="132" cy="184" rx="62" ry="52" fill="#e8953c"/>
  <ellipse cx="132" cy="200" rx="34" ry="34" fill="#f7dcb8"/>
  <path d="M78 62 l14 -38 l30 26 z M186 62 l-14 -38 l-30 26 z" fill="#d9822b"/>
  <circle cx="132" cy="92" r="58" fill="#e8953c"/>
  <path d="M132 38 v26 M112 40 l4 22 M152 40 l-4 22" stroke="#b5651d" stroke-width="7" stroke-linecap="round"/>
  <ellipse cx="132" cy="112" rx="26" ry="20" fill="#f7dcb8"/>
  <circle cx="110" cy="86" r="9" fill="#2f5d50"/><circle cx="154" cy="86" r="9" fill="#2f5d50"/>
  <circle cx="112" cy="84" r="3" fill="#fff"/><circle cx="156" cy="84" r="3" fill="#fff"/>
  <path d="M126 104 h12 l-6 8 z" fill="#c0556b"/>
  <path d="M100 112 l-34 -6 M100 118 l-34 4 M164 112 l34 -6 M164 118 l34 4" stroke="#fff" stroke-width="2"/>
  <rect x="96" y="140" width="72" height="10" rx="5" fill="#3a6ea5"/><circle cx="132" cy="154" r="8" fill="#f2c94c"/>
  <ellipse cx="104" cy="232" rx="20" ry="10" fill="#f7dcb8"/><ellipse cx="160" cy="232" rx="20" ry="10" fill="#f7dcb8"/>`

const robot = `
  <rect width="256" height="256" fill="#f3efe6"/>
  <rect x="124" y="20" width="8" height="28" fill="#5b6770"/><circle cx="128" cy="20" r="9" fill="#e2574c"/>
  <rect x="74" y="46" width="108" height="76" rx="16" fill="#59a5a0"/>
  <rect x="88" y="62" width="80" height="42" rx="10" fill="#183a42"/>
  <circle cx="110" cy="82" r="9" fill="#8df0d2"/><circle cx="146" cy="82" r="9" fill="#8df0d2"/>
  <rect x="116" y="122" width="24" height="12" fill="#5b6770"/>
  <rect x="66" y="134" width="124" height="78" rx="14" fill="#59a5a0"/>
  <rect x="92" y="150" width="46" height="34" rx="5" fill="#f2c94c"/>
  <circle cx="160" cy="158" r="8" fill="#e2574c"/><circle cx="160" cy="180" r="8" fill="#f7f7f2"/>
  <rect x="40" y="140" width="20" height="58" rx="10" fill="#5b6770"/><rect x="196" y="140" width="20" height="58" rx="10" fill="#5b6770"/>
  <rect x="88" y="212" width="26" height="28" rx="6" fill="#5b6770"/><rect x="142" y="212" width="26" height="28" rx="6" fill="#5b6770"/>`

const face = `
  <rect width="256" height="256" fill="#dfe7ee"/>
  <path d="M58 256 q4 -62 70 -62 q66 0 70 62 z" fill="#7d4f8d"/>
  <path d="M60 128 q-14 -96 68 -100 q84 4 70 102 q-4 48 -20 66 h-100 q-16 -20 -18 -68 z" fill="#4a2c1d"/>
  <rect x="108" y="166" width="40" height="44" rx="16" fill="#d69a76"/>
  <ellipse cx="128" cy="122" rx="48" ry="60" fill="#e5ae8a"/>
  <path d="M80 104 q14 -46 52 -46 q36 2 46 46 q-22 -24 -50 -26 q-28 2 -48 26 z" fill="#4a2c1d"/>
  <path d="M96 108 q12 -8 22 0 M138 108 q12 -8 22 0" fill="none" stroke="#3a2216" stroke-width="5" stroke-linecap="round"/>
  <ellipse cx="108" cy="122" rx="8" ry="5" fill="#fff"/><ellipse cx="148" cy="122" rx="8" ry="5" fill="#fff"/>
  <circle cx="108" cy="122" r="4" fill="#2d6a4f"/><circle cx="148" cy="122" r="4" fill="#2d6a4f"/>
  <path d="M127 124 q-8 22 2 24" fill="none" stroke="#b97a58" stroke-width="4" stroke-linecap="round"/>
  <path d="M110 162 q18 12 36 0 q-18 -7 -36 0 z" fill="#b8474d"/>
  <circle cx="80" cy="146" r="5" fill="#f2c94c"/><circle cx="176" cy="146" r="5" fill="#f2c94c"/>`

const shirt = `
  <rect width="256" height="256" fill="#f4f4f0"/>
  <path d="M92 40 L34 74 L58 128 L82 116 V226 H174 V116 L198 128 L222 74 L164 40 Q128 74 92 40 Z" fill="#2b6cb0"/>
  <path d="M92 40 Q128 74 164 40 L154 36 Q128 58 102 36 Z" fill="#1a4773"/>
  <path d="M82 128 h92 v16 h-92 z M82 160 h92 v16 h-92 z M82 192 h92 v16 h-92 z" fill="#f2c94c"/>
  <circle cx="128" cy="104" r="17" fill="#f2c94c"/>`

const waves = Array.from({ length: 15 }, (_, row) => {
  const colors = ['#0b2a4a', '#12507b', '#2a7f9e', '#7fb8ad', '#f0c05a', '#e2793d', '#b8433f']
  const y = -4 + row * 19
  const swing = 14 + (row % 3) * 5
  const curve = `M-10 ${y} q32 ${-swing} 64 0 t64 0 t64 0 t64 0 t64 0`
  return `<path d="${curve}" fill="none" stroke="${colors[row % colors.length]}" stroke-width="21"/>
  <path d="${curve}" fill="none" stroke="#fff3d6" stroke-opacity="0.5" stroke-width="2" transform="translate(6 6)"/>`
})
const painting = `<rect width="256" height="256" fill="#0b2a4a"/>${waves.join('')}<circle cx="186" cy="62" r="30" fill="#fbe3a1"/>`

for (const [name, drawing] of Object.entries({ cat, robot, face, shirt, painting })) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256">${drawing}</svg>`
  await sharp(Buffer.from(svg))
    .flatten()
    .png({ palette: true, colours: 128, effort: 10 })
    .toFile(join(folder, `${name}.png`))
}
