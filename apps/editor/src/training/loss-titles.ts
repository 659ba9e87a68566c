/** The paper's names of losses. */
const titles: Readonly<Record<string, string>> = { diff: 'Flow matching', route: 'Routing', holder: 'Placeholders' }

export const lossTitle = (name: string): string => titles[name] ?? name
