import type { ChildProcess } from 'node:child_process'

export interface ServerProcess {
  readonly child: ChildProcess
  readonly pid: number
  readonly url: string
}

export declare function startServerProcess(options: { readonly port: number }, log?: string): Promise<ServerProcess>
export declare function startProcess(options: object, log?: string): ChildProcess
export declare function killProcess(child: ChildProcess): Promise<void>
export declare function kill(pid: number): boolean
export declare function childrenOf(pid: number, words: string): number[]
export declare function freePort(): Promise<number>
