import type { Micros } from '@vectra/schemas'
import { MergeCatalog } from './catalog-merges.ts'
import type { CatalogWriter, SegmentCommit, SegmentNeighbours, SegmentRange, SessionRecord } from './catalog-records.ts'
import { fileRow, segmentRange, type Value } from './catalog-tables.ts'
import { type SessionFile, sessionFileOf } from './session-file.ts'

/** The catalog in `catalog.sqlite`: WAL with synchronous=FULL, so that a commit survives a power cut. */
export class SqliteCatalogWriter extends MergeCatalog implements CatalogWriter {
  segments(sessionId: string): readonly SegmentRange[] {
    return this.db
      .prepare('SELECT segment, seq_first, seq_last FROM segments WHERE session_id = ? ORDER BY segment')
      .all(sessionId)
      .map(segmentRange)
  }

  hasSegment(sessionId: string, segment: number): boolean {
    return this.db.prepare('SELECT 1 FROM segments WHERE session_id = ? AND segment = ?').get(sessionId, segment) !== undefined
  }

  around(sessionId: string, segment: number): SegmentNeighbours {
    const earlier = this.db
      .prepare(
        'SELECT segment, seq_first, seq_last FROM segments WHERE session_id = ? AND segment < ? ORDER BY segment DESC LIMIT 1',
      )
      .get(sessionId, segment)
    const later = this.db
      .prepare('SELECT min(seq_first) AS seq FROM segments WHERE session_id = ? AND segment > ?')
      .get(sessionId, segment)?.['seq']
    return {
      earlier: earlier === undefined ? undefined : segmentRange(earlier),
      laterSeq: typeof later === 'number' ? later : Number.POSITIVE_INFINITY,
    }
  }

  registerSession(session: SessionRecord, at: Micros): void {
    this.transaction(() => this.addSession(session, at))
  }

  endSession(sessionId: string, at: Micros, summary: unknown): void {
    this.transaction(() => {
      const row = this.db.prepare('SELECT * FROM sessions WHERE session_id = ?').get(sessionId)
      if (!row) return false
      // Without a summary nothing was added: a capture imported again keeps the sheet of the run that stored it.
      const ended =
        summary === undefined ? { ended_at: row['ended_at'] ?? at } : { ended_at: at, summary: JSON.stringify(summary) }
      this.put('sessions', { ...row, ...ended } as Record<string, Value>)
      return true
    })
  }

  /** What the catalog knows of sessions: of one, or of all. */
  sessionFiles(sessionId?: string): SessionFile[] {
    const rows =
      sessionId === undefined
        ? this.db.prepare('SELECT * FROM sessions ORDER BY session_id').all()
        : this.db.prepare('SELECT * FROM sessions WHERE session_id = ?').all(sessionId)
    return rows.map(sessionFileOf)
  }

  /** Lists a session as its file says: after a rebuild, when the parts told only that it was. */
  restoreSession(session: SessionFile, at: Micros): void {
    this.transaction(() => {
      this.addSession(session, at)
      const row = this.db.prepare('SELECT * FROM sessions WHERE session_id = ?').get(session.sessionId)
      if (row === undefined) return false
      const { source, origin, meta, openedAt, endedAt, summary } = session
      const text = (value: unknown): string | null => (value === undefined || value === null ? null : JSON.stringify(value))
      const restored = { source, origin, meta: text(meta), opened_at: openedAt, ended_at: endedAt, summary: text(summary) }
      this.put('sessions', { ...row, ...restored } as Record<string, Value>)
      return true
    })
  }

  /** Was the session ended by its writer? False while it is running, after a crash, and for one that is not known. */
  isEnded(sessionId: string): boolean {
    return this.db.prepare('SELECT 1 FROM sessions WHERE session_id = ? AND ended_at IS NOT NULL').get(sessionId) !== undefined
  }

  commitSegment(commit: SegmentCommit, at: Micros): void {
    const sessionId = commit.session.sessionId
    this.transaction((generation) => {
      if (this.db.prepare('SELECT 1 FROM segments WHERE session_id = ? AND segment = ?').get(sessionId, commit.segment))
        return false
      this.addSession(commit.session, at)
      this.put('segments', {
        session_id: sessionId,
        segment: commit.segment,
        seq_first: commit.seqFirst,
        seq_last: commit.seqLast,
        rows: commit.rows,
        committed_at: at,
      })
      for (const file of commit.files) {
        this.put('files', { ...fileRow(file), session_id: sessionId, segment: commit.segment, state: 'live', generation })
        this.putGames(file)
      }
      for (const gap of commit.gaps) this.put('gaps', { session_id: sessionId, seq: gap.seq, ts: gap.ts, detail: gap.detail })
      return true
    })
  }

  filePaths(): readonly string[] {
    return this.db
      .prepare('SELECT path FROM files ORDER BY path')
      .all()
      .map((row) => String(row['path']))
  }

  retiredPaths(): readonly string[] {
    return this.db
      .prepare("SELECT path FROM files WHERE state = 'retired' ORDER BY path")
      .all()
      .map((row) => String(row['path']))
  }
}
