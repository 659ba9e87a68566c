export declare function grain(side?: number): Promise<Uint8Array<ArrayBuffer>>
