export function goodThings(): Promise<{ documents: object[]; pictures: Uint8Array[] }>
