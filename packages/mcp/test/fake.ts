import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { StdioServer } from '../src/index.ts'

/** How a fake of `fakes/` is started. */
export function fake(name: string, ...args: readonly string[]): StdioServer {
  return { command: process.execPath, args: [fileURLToPath(new URL(`../fakes/${name}.ts`, import.meta.url)), ...args] }
}

/** Whether a process lives; a zombie does not. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  // One that nobody has fetched yet is gone all the same: the first process of a container may take its time.
  return process.platform !== 'linux' || !/\) [ZX] /.test(statOf(pid))
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return ') X '
  }
}
