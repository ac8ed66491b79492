import path from 'node:path'
import { type FileMeta, openReadOnly } from './catalog.ts'
import type { Env } from './env.ts'
import { fileDigest } from './integrity/digest.ts'
import { isMaintained } from './maintenance-lock.ts'
import type { PartEncoder } from './part-encoder.ts'
import { isMergedName, isTemporary, parseMergedPath, parsePartPath, type StorePaths, session8 } from './paths.ts'
import { message, type Verification } from './verification.ts'
import type { Listed } from './verify-catalog.ts'

/** Every listed part's bytes and rows, and parts that are not listed. */
export async function checkParts(
  env: Env,
  paths: StorePaths,
  verification: Verification,
  listed: Listed | undefined,
  encoder: PartEncoder,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { fs } = env
  const byPath = new Map(listed?.files.map((file) => [file.path, file]))
  for (const file of byPath.values()) {
    signal?.throwIfAborted()
    let content: { readonly bytes: number; readonly sha256: string }
    try {
      content = fileDigest(fs, file.absolutePath)
    } catch (error) {
      verification.add('part_missing', file.path, file.sessionId, `listed in the catalog, but: ${message(error)}`)
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
      for (const span of scan.canonical) {
        verification.seq(span.sessionId, span)
        if (file.docType !== 'system_event') continue
        for (const gap of listed?.gaps ?? []) {
          if (gap.sessionId === span.sessionId && gap.seq >= span.from && gap.seq <= span.to)
            verification.seq(span.sessionId, { from: gap.seq + 1, to: gap.end })
        }
      }
    } catch (error) {
      verification.add('part_unreadable', file.path, file.sessionId, message(error))
      verification.incomplete(file.sessionId)
    }
  }
  checkUnlisted(env, paths, verification, byPath)
}

/** Files on disk that the catalog does not list. */
function checkUnlisted(env: Env, paths: StorePaths, verification: Verification, listed: ReadonlyMap<string, FileMeta>): void {
  const { fs } = env
  const live = new Set(verification.live.map(session8))
  const { known, compacting } = knownNow(paths)
  const walk = (directory: string, relative: string, depth: number): void => {
    if (fs.stat(directory) === undefined) return
    for (const entry of fs.readdir(directory)) {
      const at = `${relative}/${entry.name}`
      if (entry.isDirectory && depth < 2) {
        walk(path.join(directory, entry.name), at, depth + 1)
        continue
      }
      if (listed.has(at) || known.has(at)) continue
      // A compactor at work makes these; the second name of a merged part goes when no reader can hold it.
      if (isMergedName(entry.name) && (compacting || known.has(at.replace(/\.staged$/, '')))) continue
      const key = parsePartPath(at)
      const owner = key?.session8 ?? /^part-([0-9a-f]{8})-/.exec(entry.name)?.[1]
      // A live session may be publishing it this moment.
      if (owner !== undefined && live.has(owner)) continue
      if (key !== undefined || parseMergedPath(at) !== undefined)
        verification.add('part_unlisted', at, null, 'not in the catalog; a recovery lists or replaces it')
      else
        verification.add(
          isTemporary(entry.name) || isMergedName(entry.name) ? 'temporary_file' : 'foreign_file',
          at,
          null,
          'not a part',
        )
    }
  }
  walk(paths.events, 'events_parquet', 0)
}

/** What the catalog lists at this moment, retired files included: parts may have been made or merged since the list was read. */
function knownNow(paths: StorePaths): { readonly known: ReadonlySet<string>; readonly compacting: boolean } {
  const compacting = isMaintained(paths)
  try {
    const db = openReadOnly(paths.catalog)
    try {
      return {
        known: new Set(
          db
            .prepare('SELECT path FROM files')
            .all()
            .map((row) => String(row['path'])),
        ),
        compacting,
      }
    } finally {
      db.close()
    }
  } catch {
    return { known: new Set(), compacting }
  }
}
