export declare function findBrowser(): string | undefined
export declare function provideBrowser(say?: (line: string) => void): void
