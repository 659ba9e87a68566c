import type { Page } from 'playwright-core'

export interface View {
  readonly name: string
  readonly title: string
  /** Selector of what axe looks at. */
  readonly part: string
  /** What the guide says of it. */
  readonly text: string
  readonly show: (page: Page) => Promise<void>
  readonly leave?: (page: Page) => Promise<void>
}

export declare const views: readonly View[]
export declare function prepare(page: Page, options?: { readonly steps?: number }): Promise<void>
export declare function clear(page: Page): Promise<void>
