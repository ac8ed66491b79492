import { createHash } from 'node:crypto'
import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { durableWrite } from './durable.ts'
import type { FsPort } from './fs-port.ts'
import type { StorePaths } from './paths.ts'

/** Checksum of the whole catalog at one generation: finds the changed byte that no row and no SQLite check covers. */
export interface CatalogSeal {
  readonly generation: number
  readonly bytes: number
  readonly sha256: string
}

/** File of the seal, beside the catalog. Older than the catalog while a store is open, or after a crash: then it says nothing. */
export function sealPath(paths: StorePaths): string {
  return path.join(paths.root, 'catalog.seal.json')
}

/**
 * Checksums the catalog as SQLite presents it: pages of the write-ahead log included, and the same after a checkpoint. Inside a
 * transaction of the caller, what that one sees.
 */
export function computeSeal(db: DatabaseSync): CatalogSeal {
  const own = !db.isTransaction
  if (own) db.exec('BEGIN')
  try {
    const generation = Number(db.prepare("SELECT value FROM meta WHERE key = 'generation'").get()?.['value'] ?? 0)
    const content = db.serialize()
    return { generation, bytes: content.byteLength, sha256: createHash('sha256').update(content).digest('hex') }
  } finally {
    if (own) db.exec('COMMIT')
  }
}

/** The seal's one spelling, with a checksum of its own. */
function sealText({ generation, bytes, sha256 }: CatalogSeal): string {
  const text = JSON.stringify({ generation, bytes, sha256 })
  return `${JSON.stringify({ generation, bytes, sha256, check: createHash('sha256').update(text).digest('hex') })}\n`
}

/** Writes the seal unless it says so already. Only one may write at a time: its temporary file has one name. */
export function keepSeal(fs: FsPort, paths: StorePaths, seal: CatalogSeal): void {
  const there = readSeal(fs, paths)
  if (there?.generation !== seal.generation || there.sha256 !== seal.sha256)
    durableWrite(fs, sealPath(paths), Buffer.from(sealText(seal)))
}

/** The stored seal; `undefined` when there is none, `null` when it cannot be read. */
export function readSeal(fs: FsPort, paths: StorePaths): CatalogSeal | null | undefined {
  if (fs.stat(sealPath(paths)) === undefined) return undefined
  try {
    const text = Buffer.from(fs.read(sealPath(paths))).toString('utf8')
    const value = JSON.parse(text) as CatalogSeal
    return sealText(value) === text ? { generation: value.generation, bytes: value.bytes, sha256: value.sha256 } : null
  } catch {
    return null
  }
}
