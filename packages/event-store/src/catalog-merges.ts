import type { Micros } from '@vectra/schemas'
import type { FileMeta } from './catalog.ts'
import type { MergeCommit, NewFile, ReceiptOrigins, RetiredFile, SessionRecord } from './catalog-records.ts'
import { fileMeta, fileSource } from './catalog-rows.ts'
import { CatalogTables, fileRow, type Value } from './catalog-tables.ts'
import type { FoundMerge } from './compaction/adopt.ts'
import { EventStoreError } from './errors.ts'
import { sessionRecordOf } from './session-file.ts'

/** What replaces files: merges, retention, their receipts, and files that wait for their readers. */
export abstract class MergeCatalog extends CatalogTables {
  /** Files that a reader sees now; with `staged`, only those whose name no glob sees yet. */
  liveFiles(root: string, only?: 'staged'): FileMeta[] {
    const states = only === undefined ? "('live', 'staged')" : "('staged')"
    return this.db
      .prepare(`SELECT * FROM ${fileSource(this.db)} WHERE state IN ${states} ORDER BY path`)
      .all()
      .map((row) => fileMeta(root, row))
  }

  retired(): readonly RetiredFile[] {
    return this.db
      .prepare('SELECT * FROM retired ORDER BY path')
      .all()
      .map((row) => ({
        path: String(row['path']),
        receiptId: String(row['receipt_id']),
        generation: Number(row['generation']),
        retiredAt: Number(row['retired_at']),
      }))
  }

  receiptIds(): readonly string[] {
    return this.db
      .prepare('SELECT receipt_id FROM receipts ORDER BY receipt_id')
      .all()
      .map((row) => String(row['receipt_id']))
  }

  /** The published segments that these files came from, with what the catalog knows of their gaps and sessions. */
  origins(files: readonly Pick<FileMeta, 'sessionId' | 'segment'>[]): ReceiptOrigins {
    const sessions = new Map<string, SessionRecord>()
    const gaps = new Map<string, ReceiptOrigins['gaps'][number]>()
    const segments: ReceiptOrigins['segments'][number][] = []
    const session = this.db.prepare('SELECT * FROM sessions WHERE session_id = ?')
    const segment = this.db.prepare('SELECT * FROM segments WHERE session_id = ? AND segment = ?')
    const gap = this.db.prepare('SELECT * FROM gaps WHERE session_id = ? AND seq BETWEEN ? AND ?')
    for (const file of files) {
      if (file.sessionId === null || file.segment === null) continue
      const row = segment.get(file.sessionId, file.segment)
      if (row === undefined) continue
      const found = session.get(file.sessionId)
      if (found !== undefined && !sessions.has(file.sessionId)) {
        sessions.set(file.sessionId, sessionRecordOf(found))
      }
      const range = {
        sessionId: file.sessionId,
        segment: file.segment,
        seqFirst: Number(row['seq_first']),
        seqLast: Number(row['seq_last']),
        rows: Number(row['rows']),
      }
      segments.push(range)
      for (const entry of gap.all(range.sessionId, range.seqFirst, range.seqLast)) {
        const seq = Number(entry['seq'])
        gaps.set(`${range.sessionId}/${seq}`, {
          sessionId: range.sessionId,
          seq,
          ts: Number(entry['ts']),
          detail: String(entry['detail']),
        })
      }
    }
    return { sessions: [...sessions.values()], segments, gaps: [...gaps.values()] }
  }

  /**
   * The one moment at which the output takes the place of its inputs: readers see either set, never both, never neither.
   *
   * @returns false when the receipt was committed before
   * @throws STORE_CONFLICT when an input is not live any more
   */
  commitMerge(commit: MergeCommit, at: Micros): boolean {
    let changed = false
    this.transaction((generation) => {
      if (this.db.prepare('SELECT 1 FROM receipts WHERE receipt_id = ?').get(commit.receiptId)) return false
      const get = this.db.prepare('SELECT * FROM files WHERE path = ?')
      for (const input of commit.inputs) {
        const row = get.get(input)
        if (row === undefined || row['state'] !== 'live') {
          throw new EventStoreError('STORE_CONFLICT', `${input} is not live any more; plan again`, { context: { path: input } })
        }
        this.put('files', { ...row, state: 'retired' } as Record<string, Value>)
        this.put('retired', { path: input, receipt_id: commit.receiptId, generation, retired_at: at })
      }
      if (commit.output !== null) {
        this.put('files', { ...fileRow(commit.output), state: 'staged', generation })
        this.putGames(commit.output)
      }
      this.#putReceipt(commit, at)
      changed = true
      return true
    })
    return changed
  }

  /** The output has its final name. */
  publishMerged(path: string): void {
    this.transaction((generation) => {
      const row = this.db.prepare('SELECT * FROM files WHERE path = ?').get(path)
      if (row === undefined || row['state'] !== 'staged') return false
      this.put('files', { ...row, state: 'live', generation } as Record<string, Value>)
      return true
    })
  }

  /** Retired files are gone from the disk: their rows go, their receipt stays. */
  forgetRetired(paths: readonly string[]): void {
    if (paths.length === 0) return
    this.transaction(() => {
      const file = this.db.prepare("DELETE FROM files WHERE path = ? AND state = 'retired'")
      const retired = this.db.prepare('DELETE FROM retired WHERE path = ?')
      const games = this.db.prepare('DELETE FROM file_games WHERE path = ?')
      for (const path of paths) {
        file.run(path)
        games.run(path)
        retired.run(path)
      }
      return true
    })
  }

  /** Lists again what a lost catalog knew from a receipt: its segments, sessions and gaps, and its output when that is on the disk. */
  adoptReceipt(commit: MergeCommit, origins: ReceiptOrigins, output: 'there' | 'replaced' | 'missing', at: Micros): void {
    this.transaction((generation) => {
      let changed = false
      for (const session of origins.sessions) changed = this.addSession(session, at) || changed
      for (const segment of origins.segments) {
        if (
          this.db.prepare('SELECT 1 FROM segments WHERE session_id = ? AND segment = ?').get(segment.sessionId, segment.segment)
        )
          continue
        const { sessionId, seqFirst, seqLast, rows } = segment
        this.put('segments', {
          session_id: sessionId,
          segment: segment.segment,
          seq_first: seqFirst,
          seq_last: seqLast,
          rows,
          committed_at: at,
        })
        changed = true
      }
      for (const { sessionId, seq, ts, detail } of origins.gaps) this.put('gaps', { session_id: sessionId, seq, ts, detail })
      if (this.db.prepare('SELECT 1 FROM receipts WHERE receipt_id = ?').get(commit.receiptId)) return changed
      this.#putReceipt(commit, at)
      // Inputs that are still on the disk were listed from their own metadata: their rows stand in the output.
      for (const input of output === 'missing' ? [] : commit.inputs) {
        const row = this.db.prepare("SELECT * FROM files WHERE path = ? AND state = 'live'").get(input)
        if (row === undefined) continue
        this.put('files', { ...row, state: 'retired' } as Record<string, Value>)
        this.put('retired', { path: input, receipt_id: commit.receiptId, generation, retired_at: at })
      }
      if (
        commit.output !== null &&
        output === 'there' &&
        !this.db.prepare('SELECT 1 FROM files WHERE path = ?').get(commit.output.path)
      ) {
        this.put('files', { ...fileRow(commit.output), state: 'live', generation })
        this.putGames(commit.output)
      }
      return true
    })
  }

  /** Lists a merged part from what its rows tell; its receipt is lost, so segments get numbers of their own. */
  adoptMerged({ file, sessions, canonical, gaps, covers }: FoundMerge, receiptId: string, at: Micros): void {
    this.transaction((generation) => {
      if (this.db.prepare('SELECT 1 FROM files WHERE path = ?').get(file.path)) return false
      for (const session of sessions) this.addSession(session, at)
      for (const { sessionId, from, to } of canonical) {
        const known = this.db.prepare('SELECT 1 FROM segments WHERE session_id = ? AND seq_first <= ? AND seq_last >= ?')
        if (known.get(sessionId, from, to)) continue
        const last = this.db.prepare('SELECT max(segment) AS segment FROM segments WHERE session_id = ?').get(sessionId)
        this.put('segments', {
          session_id: sessionId,
          segment: Number(last?.['segment'] ?? 0) + 1,
          seq_first: from,
          seq_last: to,
          rows: to - from + 1,
          committed_at: at,
        })
      }
      for (const { sessionId, seq, ts, detail } of gaps) this.put('gaps', { session_id: sessionId, seq, ts, detail })
      for (const covered of covers) {
        const row = this.db.prepare("SELECT * FROM files WHERE path = ? AND state = 'live'").get(covered)
        if (row === undefined) continue
        this.put('files', { ...row, state: 'retired' } as Record<string, Value>)
        this.put('retired', { path: covered, receipt_id: receiptId, generation, retired_at: at })
      }
      this.put('files', { ...fileRow(file), state: 'live', generation })
      return true
    })
  }

  #putReceipt(commit: MergeCommit, at: Micros): void {
    this.put('receipts', {
      receipt_id: commit.receiptId,
      kind: commit.kind,
      doc_type: commit.docType,
      date: commit.date,
      output: commit.output?.path ?? null,
      rows: commit.rows,
      content_hash: commit.contentHash,
      file_sha256: commit.fileSha256,
      committed_at: at,
    })
    this.logRetention(commit)
    for (const { sessionId, from, to } of commit.dropped) {
      this.put('dropped', { receipt_id: commit.receiptId, session_id: sessionId, seq_first: from, seq_last: to })
    }
  }

  protected putGames({ path, games }: NewFile): void {
    if (games === undefined) return
    this.put('file_games', { path, game_first: games?.first ?? null, game_last: games?.last ?? null })
  }

  /** Adds to the log what a receipt removed; doing it twice changes nothing. */
  logRetention({ receiptId, docType, date, removed }: Pick<MergeCommit, 'receiptId' | 'docType' | 'date' | 'removed'>): void {
    if (removed === undefined) return
    const { at, files, bytes, rows, kept } = removed
    this.put('retention', { receipt_id: receiptId, removed_at: at, doc_type: docType, date, files, bytes, rows, kept })
  }

  /** Receipts of retention that the log does not have: those from before there was one. */
  unloggedRetention(): readonly string[] {
    return this.db
      .prepare("SELECT receipt_id FROM receipts WHERE kind = 'prune' AND receipt_id NOT IN (SELECT receipt_id FROM retention)")
      .all()
      .map((row) => String(row['receipt_id']))
  }
}
