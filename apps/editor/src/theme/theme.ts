/** Dark or light: as was chosen here, else as the system has it. */
export type Theme = 'dark' | 'light'

const key = 'dreamgraph/theme'

export function readTheme(): Theme {
  const kept = localStorage.getItem(key)
  if (kept === 'light' || kept === 'dark') return kept
  return window.matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'
}

export const keepTheme = (theme: Theme): void => localStorage.setItem(key, theme)

/** Shows it; pages without a workspace too, such as the one that asks for a token. */
export function showTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme
}
