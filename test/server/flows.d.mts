export declare function pictureFlow(file: string, side: number): { [name: string]: unknown }
