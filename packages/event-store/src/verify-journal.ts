import path from 'node:path'
import type { Env } from './env.ts'
import { systemCode } from './errors.ts'
import { isLockFile, isOwned } from './owner-lock.ts'
import { isSessionId, isTemporary, parseSegmentFile, type StorePaths } from './paths.ts'
import { type SegmentScan, scanSegment } from './segment.ts'
import { message, type Verification } from './verification.ts'

/** A segment's content, but for its bytes. */
interface ScannedSegment {
  /** Relative to the data directory. */
  readonly file: string
  readonly segment: number
  readonly scan: Omit<SegmentScan, 'bytes'>
}

/** A session's journal as it was found. */
export interface ScannedSession {
  readonly sessionId: string
  readonly live: boolean
  readonly segments: readonly ScannedSegment[]
}

/** Reads all journals; judges only what needs no catalog. */
export function scanJournal(env: Env, paths: StorePaths, verification: Verification): ScannedSession[] {
  const { fs } = env
  if (fs.stat(paths.journal) === undefined) return []
  return fs.readdir(paths.journal).flatMap((session) => {
    const relative = `journal/${session.name}`
    if (!session.isDirectory || !isSessionId(session.name)) {
      verification.add('foreign_file', relative, null, 'not a journal directory')
      return []
    }
    const live = isOwned(fs, paths, session.name)
    if (live) verification.live.push(session.name)
    const segments: ScannedSegment[] = []
    try {
      for (const entry of fs.readdir(path.join(paths.journal, session.name))) {
        const segment = parseSegmentFile(entry.name)
        const file = `${relative}/${entry.name}`
        if (segment === undefined) {
          if (!isLockFile(entry.name) && !live)
            verification.add(isTemporary(entry.name) ? 'temporary_file' : 'foreign_file', file, session.name, 'not a segment')
          continue
        }
        try {
          const { bytes: _, ...scan } = scanSegment(fs.read(path.join(paths.journal, session.name, entry.name)))
          segments.push({ file, segment, scan })
        } catch (error) {
          // What is gone was published: the catalog, which is asked next, has it.
          if (systemCode(error) !== 'ENOENT') verification.add('journal_line', file, session.name, message(error))
        }
      }
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') verification.add('foreign_file', relative, session.name, message(error))
    }
    return [{ sessionId: session.name, live, segments: segments.sort((a, b) => a.segment - b.segment) }]
  })
}

/** Judges one session's journal against what the catalog says is published. */
export function judgeJournal(session: ScannedSession, published: ReadonlySet<string>, verification: Verification): void {
  const { sessionId, live, segments } = session
  segments.forEach(({ file, segment, scan }, index) => {
    verification.checked.journalFiles++
    verification.checked.journalLines += scan.rows.length
    const growing = live && index === segments.length - 1
    for (const damage of scan.damage)
      verification.add('journal_line', file, sessionId, `bytes ${damage.start} to ${damage.end} are damaged`)
    if (scan.tail !== undefined && !growing) {
      verification.add(
        'journal_torn',
        file,
        sessionId,
        `bytes ${scan.tail.start} to ${scan.tail.end} are no whole line; a recovery decides what they were`,
      )
    }
    if (scan.header === undefined && !growing)
      verification.add('journal_header', file, sessionId, 'the header is missing or damaged')
    else if (scan.header !== undefined && (scan.header.session !== sessionId || scan.header.segment !== segment)) {
      verification.add(
        'journal_header',
        file,
        sessionId,
        `the header belongs to segment ${scan.header.segment} of session ${scan.header.session}`,
      )
    }
    if (scan.footer !== undefined && scan.footer.count !== scan.rows.length) {
      verification.add('journal_line', file, sessionId, `${scan.rows.length} lines, the footer counts ${scan.footer.count}`)
    }
    if (published.has(`${sessionId}/${segment}`)) {
      if (!live) verification.add('journal_leftover', file, sessionId, 'published already; a recovery removes it')
      return
    }
    if (scan.damage.length > 0 || scan.tail !== undefined) verification.incomplete(sessionId)
    // Rows that a later segment holds again were never acknowledged here.
    const limit = segments
      .slice(index + 1)
      .reduce((least, later) => Math.min(least, later.scan.header?.first_seq ?? least), Number.POSITIVE_INFINITY)
    for (const row of scan.rows) if (row.seq < limit) verification.seq(sessionId, { from: row.seq, to: row.covers })
  })
}
