/** Icons of the editor, drawn on 16 × 16 with one stroke. They come along with the page: nothing is fetched. */

const paths = {
  add: 'M8 3v10M3 8h10',
  align: 'M3 2v12M6 5h7v2.5H6zM6 9.5h4V12H6z',
  arrange: 'M2 3h4v4H2zM10 2h4v3h-4zM10 7h4v3h-4zM2 10h4v4H2M6 5h4M6 5l4 3.5',
  batch: 'M2.500 5.500h8v8h-8zM5.500 5.500v-3h8v8h-3M5 9.500h3M6.500 8v3',
  chart: 'M2 2v12h12M4.500 10.500l3-3.500 2.500 2 3.500-5',
  check: 'M3 8.5l3.2 3.2L13 5',
  chevron: 'M5 3l5 5-5 5',
  close: 'M4 4l8 8M12 4l-8 8',
  component: 'M3 5l5-3 5 3v6l-5 3-5-3zM3 5l5 3 5-3M8 8v6',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  dice: 'M3 3h10v10H3zM5.8 5.8h.01M10.2 5.8h.01M8 8h.01M5.8 10.2h.01M10.2 10.2h.01',
  download: 'M8 2v8M4.5 7L8 10.5 11.5 7M3 13.5h10',
  edit: 'M2.500 13.500l.8-3.300 8-8 2.500 2.500-8 8zM9.800 3.700l2.500 2.500',
  eye: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6.2a1.8 1.8 0 100 3.6 1.8 1.8 0 000-3.6z',
  file: 'M4 2h5l3 3v9H4zM9 2v3h3',
  fit: 'M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4',
  folder: 'M2 4h4l1.5 1.5H14V13H2z',
  gallery: 'M2 3h12v10H2zM2 11l3.5-3.5 3 3 2-2L14 12M10.5 6h.01',
  help: 'M6 6a2 2 0 113 1.7c-.7.4-1 .8-1 1.6M8 11.8h.01M8 1.8a6.2 6.2 0 100 12.4A6.2 6.2 0 008 1.8z',
  history: 'M2.500 8a5.500 5.500 0 105.500-5.500A5.500 5.500 0 003.300 5M2.500 2v3.200h3.200M8 5v3.200l2 1.300',
  inputs: 'M2 8h7M6 5l3 3-3 3M10 3h4v10h-4',
  keyboard: 'M1.5 4h13v8h-13zM4 6.5h.01M6.6 6.5h.01M9.2 6.5h.01M11.8 6.5h.01M5 9.5h6',
  lock: 'M4 7h8v6H4zM5.5 7V5a2.5 2.5 0 015 0v2',
  map: 'M2 3.5L6 2l4 1.5L14 2v10.5L10 14l-4-1.5L2 14zM6 2v10.5M10 3.5V14',
  menu: 'M2 4h12M2 8h12M2 12h12',
  minus: 'M3 8h10',
  models: 'M8 1.8l5.5 3v6.4L8 14.2l-5.5-3V4.8zM2.5 4.8L8 8l5.5-3.2M8 8v6.2',
  moon: 'M13 9.5A5.5 5.5 0 016.5 3 5.6 5.6 0 1013 9.5z',
  mute: 'M3 6h2.5L9 3v10L5.500 10H3zM11.500 6.500l3 3M14.500 6.500l-3 3',
  note: 'M3 2.500h10v7L9.500 13H3zM9.500 13V9.500H13M5.500 5.500h5M5.500 8h3',
  pause: 'M5 3v10M11 3v10',
  play: 'M4.500 2.800v10.400L13 8z',
  problem: 'M8 2L1.500 13.500h13zM8 6.500v3.200M8 11.700h.01',
  queue: 'M2 4h8M2 8h8M2 12h5M12 6v6M9.700 10l2.300 2.500L14.300 10',
  redo: 'M13 6H6a3.500 3.500 0 000 7h4M13 6l-3-3M13 6l-3 3',
  references: 'M2 5.500h8v8H2zM5 5.500V2.500h9v8h-4M2 11l2.500-2 2 2',
  retry: 'M13 8a5 5 0 11-1.500-3.500M13 2v3h-3',
  save: 'M2.500 2.500h8.500l2.500 2.500v8.500h-11zM5 2.500v4h5v-4M5 13.500v-4h6v4',
  search: 'M7 2.500a4.500 4.500 0 100 9 4.500 4.500 0 000-9zM10.300 10.300L14 14',
  shuffle: 'M2 4.500h2.500l6 7H14M2 11.500h2.500l1.800-2M9 6.500l1.500-2H14M12 2.500l2 2-2 2M12 9.500l2 2-2 2',
  step: 'M3 8h7M7.500 5L10.500 8l-3 3M13 4v8',
  stop: 'M4 4h8v8H4z',
  sun: 'M8 5a3 3 0 100 6 3 3 0 000-6zM8 1.500v1.300M8 13.200v1.300M1.500 8h1.300M13.200 8h1.300M3.400 3.400l.9.9M11.700 11.700l.9.9M3.400 12.600l.9-.9M11.700 4.300l.9-.9',
  template: 'M2 2.500h12v3.500H2zM2 8.500h5v5H2zM9.500 8.500H14v5H9.500z',
  trash: 'M3 4.500h10M6 4.500v-2h4v2M4.500 4.500l.5 9h6l.5-9',
  undo: 'M3 6h7a3.500 3.500 0 010 7H6M3 6l3-3M3 6l3 3',
  up: 'M3.500 10L8 5.500l4.500 4.500',
  down: 'M3.500 6L8 10.500 12.500 6',
  upload: 'M8 10.500v-8M4.500 5.500L8 2l3.500 3.500M3 13.500h10',
} as const

export type IconName = keyof typeof paths

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  )
}
