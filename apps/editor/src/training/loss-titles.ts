/** The paper's names of losses, and our own of those beside them. */
const titles: Readonly<Record<string, string>> = {
  diff: 'Flow matching',
  route: 'Routing',
  holder: 'Placeholders',
  within: 'Within masks',
  naming: 'Naming',
  reading: 'Reading',
}

export const lossTitle = (name: string): string => titles[name] ?? name
