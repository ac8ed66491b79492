import path from 'node:path'
import { type DurableDirectories, durableWrite } from './durable.ts'
import type { FsPort } from './fs-port.ts'
import type { StorePaths } from './paths.ts'

/** Why a file was set aside; stands beside it as `<name>.reason.json`. */
export interface QuarantineReason {
  /** Where the file was, relative to the data directory. */
  readonly path: string
  readonly reasons: readonly string[]
}

/** What setting a file aside needs. */
export interface QuarantineDeps {
  readonly fs: FsPort
  readonly paths: StorePaths
  readonly directories: DurableDirectories
}

/**
 * Copies a bad file into `quarantine/` with its reason, both durable before this returns. The original stays where it is.
 *
 * Names are deterministic and equal content is kept once, so that doing it again after a crash changes nothing.
 *
 * @returns the name inside `quarantine/`
 */
export function quarantineCopy(deps: QuarantineDeps, name: string, content: Uint8Array, reason: QuarantineReason): string {
  const { fs } = deps
  const { quarantine } = deps.paths
  deps.directories.ensure(quarantine)
  for (let attempt = 1; ; attempt++) {
    const candidate = attempt === 1 ? name : `${name}.${attempt}`
    const target = path.join(quarantine, candidate)
    const there = fs.stat(target) === undefined ? undefined : fs.read(target)
    if (there !== undefined && Buffer.compare(there, content) !== 0) continue
    if (there === undefined) durableWrite(fs, target, content)
    const note = `${target}.reason.json`
    const text = Buffer.from(`${JSON.stringify(reason, null, 2)}\n`)
    if (fs.stat(note) === undefined) durableWrite(fs, note, text)
    return candidate
  }
}
