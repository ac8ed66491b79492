import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { FileMeta } from './catalog.ts'
import { askCatalog } from './catalog-access.ts'
import type { Env } from './env.ts'
import { fileDigest } from './integrity/digest.ts'
import type { SecondReader } from './integrity/second-reader.ts'
import { asideName } from './integrity/set-aside.ts'
import { isMaintained } from './maintenance-lock.ts'
import { ownedSessions } from './owner-lock.ts'
import type { PartEncoder } from './part-encoder.ts'
import { isMergedName, isTemporary, parseMergedPath, parsePartPath, type StorePaths, session8 } from './paths.ts'
import { type FindingKind, message, type Verification } from './verification.ts'
import type { Listed } from './verify-catalog.ts'

/** What reads the parts. */
export interface PartReaders {
  readonly encoder: PartEncoder
  /** Compares two implementations; absent for a check that is not deep. */
  readonly second: SecondReader | undefined
  readonly signal: AbortSignal | undefined
}

/** Every listed part's bytes and rows, and parts that are not listed. */
export async function checkParts(
  env: Env,
  paths: StorePaths,
  verification: Verification,
  listed: Listed | undefined,
  { encoder, second, signal }: PartReaders,
): Promise<void> {
  const { fs } = env
  const byPath = new Map(listed?.files.map((file) => [file.path, file]))
  for (const file of byPath.values()) {
    signal?.throwIfAborted()
    let content: { readonly bytes: number; readonly sha256: string }
    try {
      content = fileDigest(fs, file.absolutePath)
    } catch (error) {
      const aside = path.join(paths.quarantine, asideName(file))
      const why =
        fs.stat(aside) === undefined
          ? `listed in the catalog, but: ${message(error)}`
          : `set aside by a recovery: ${path.relative(paths.root, aside)}; a good copy at its old place counts again`
      verification.add('part_missing', file.path, file.sessionId, why)
      verification.incomplete(file.sessionId)
      continue
    }
    verification.checked.parts++
    verification.checked.partBytes += content.bytes
    if (content.sha256 !== file.sha256 || content.bytes !== file.bytes) {
      verification.add(
        'part_checksum',
        file.path,
        file.sessionId,
        `${content.bytes} bytes, not those that were written (${file.bytes} bytes, sha256 ${file.sha256.slice(0, 12)}…)`,
      )
      verification.incomplete(file.sessionId)
      continue
    }
    try {
      const scan = await encoder.scan(file.absolutePath)
      verification.checked.rows += scan.rows
      if (scan.rows !== file.rows)
        verification.add('part_rows', file.path, file.sessionId, `${scan.rows} rows, the catalog says ${file.rows}`)
      if (file.sessionId !== null && scan.sessionIds.some((id) => id !== file.sessionId))
        verification.add('part_rows', file.path, file.sessionId, 'rows of another session')
      const difference = await second?.difference(file.absolutePath, signal)
      if (difference !== undefined) verification.add('part_rows', file.path, file.sessionId, difference)
      for (const span of scan.canonical) {
        verification.seq(span.sessionId, span)
        if (file.docType !== 'system_event') continue
        for (const gap of listed?.gaps ?? []) {
          if (gap.sessionId === span.sessionId && gap.seq >= span.from && gap.seq <= span.to)
            verification.seq(span.sessionId, { from: gap.seq + 1, to: gap.end })
        }
      }
    } catch (error) {
      signal?.throwIfAborted()
      verification.add('part_unreadable', file.path, file.sessionId, message(error))
      verification.incomplete(file.sessionId)
    }
  }
  checkUnlisted(env, paths, verification, byPath)
}

interface Unlisted {
  readonly kind: FindingKind
  /** Relative to the data directory. */
  readonly at: string
  readonly text: string
}

/** Files on disk that the catalog does not list. */
function checkUnlisted(env: Env, paths: StorePaths, verification: Verification, listed: ReadonlyMap<string, FileMeta>): void {
  const { fs } = env
  const found: Unlisted[] = []
  const walk = (directory: string, relative: string, depth: number): void => {
    if (fs.stat(directory) === undefined) return
    for (const entry of fs.readdir(directory)) {
      const at = `${relative}/${entry.name}`
      if (entry.isDirectory && depth < 2) walk(path.join(directory, entry.name), at, depth + 1)
      else if (listed.has(at)) continue
      else if (parsePartPath(at) !== undefined || parseMergedPath(at) !== undefined)
        found.push({ kind: 'part_unlisted', at, text: 'not in the catalog; a recovery lists or replaces it' })
      else {
        const ours = isTemporary(entry.name) || isMergedName(entry.name)
        found.push({ kind: ours ? 'temporary_file' : 'foreign_file', at, text: 'not a part' })
      }
    }
  }
  walk(paths.events, 'events_parquet', 0)
  if (found.length === 0) return
  // Who is at work is asked before what is listed: whoever is done by then has listed what it made.
  const compacting = isMaintained(paths)
  const live = new Set([...verification.live, ...ownedSessions(fs, paths)].map(session8))
  const known = askCatalog(paths, listedPaths) ?? new Set<string>()
  for (const { kind, at, text } of found) {
    const name = path.posix.basename(at)
    if (known.has(at)) continue
    // A compactor at work makes these; the second name of a merged part goes when no reader can hold it.
    if (isMergedName(name) && (compacting || known.has(at.replace(/\.staged$/, '')))) continue
    // A live session may be publishing it this moment.
    const owner = parsePartPath(at)?.session8 ?? /^part-([0-9a-f]{8})-/.exec(name)?.[1]
    if (owner !== undefined && live.has(owner)) continue
    if (fs.stat(path.join(paths.root, ...at.split('/'))) !== undefined) verification.add(kind, at, null, text)
  }
}

/** Every file that the catalog knows, retired ones included. */
function listedPaths(db: DatabaseSync): Set<string> {
  return new Set(
    db
      .prepare('SELECT path FROM files')
      .all()
      .map((row) => String(row['path'])),
  )
}
