import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { DocType, EventSource, Micros } from '@vectra/schemas'
import { isBusy, openReadOnly } from './catalog-access.ts'
import { assertReadableFormat, formatVersion, isFilling } from './catalog-format.ts'
import { fileMeta, fileSource, json, numberOrNull, text, textOrNull } from './catalog-rows.ts'
import { existsSync } from './env.ts'
import { EventStoreError } from './errors.ts'
import { storePaths, utcDate } from './paths.ts'

/** Games of a set of rows: no id sorts before `first` or after `last`, by bytes. */
export interface GameSpan {
  readonly first: string
  readonly last: string
}

/** One immutable part file as the catalog lists it. */
export interface FileMeta {
  /** Relative to the data directory, with `/`. */
  readonly path: string
  readonly absolutePath: string
  readonly docType: DocType
  /** UTC receive date, `YYYY-MM-DD`. */
  readonly date: string
  /** Null for a merged part, which holds rows of many segments, maybe of many sessions. */
  readonly sessionId: string | null
  readonly segment: number | null
  readonly rows: number
  readonly bytes: number
  /** Of the whole file, lower-case hex. */
  readonly sha256: string
  readonly seqFirst: number
  readonly seqLast: number
  readonly tsMin: Micros
  readonly tsMax: Micros
  readonly schemaVersion: number
  /** Encoder that wrote it: `duckdb` or `parquetjs`. */
  readonly writer: string
  /** Catalog generation that made it visible. */
  readonly generation: number
  /** Null when no row belongs to a game; absent when that is not known. */
  readonly games?: GameSpan | null
}

/** One recording as the catalog knows it. */
export interface SessionMeta {
  readonly sessionId: string
  readonly session8: string
  readonly source: EventSource | null
  readonly origin: string | null
  /** What `openSession` was given as `meta`. */
  readonly meta: unknown
  readonly openedAt: Micros | null
  /** Null while running, or after a crash. */
  readonly endedAt: Micros | null
  readonly summary: unknown
  /** First and last `seq` that parts hold (declared gaps included); null before the first flush. */
  readonly seqFirst: number | null
  readonly seqLast: number | null
  /** Canonical rows in parts: stored events, without projections. */
  readonly rows: number
  readonly segments: number
}

/** A declared gap: a stored `system_event` named `gap`. */
export interface GapMeta {
  readonly sessionId: string
  readonly seq: number
  readonly ts: Micros
  /** The event's JSON: cause, from_seq, to_seq, times, counts as its writer gave them. */
  readonly detail: unknown
}

/** What the catalog says of a journal segment. */
export interface SegmentPlace {
  readonly sessionId: string
  readonly segment: number
  /** Its rows are in parts. */
  readonly published: boolean
  /** Last seq of the published segments before it; 0 when there is none. */
  readonly earlierEnd: number
  /** First seq of the published segments after it; infinite when there is none. */
  readonly laterStart: number
}

/** Where to look for what is missing. Times in microseconds, `since` inclusive, `until` exclusive. */
export interface LossScope {
  readonly since?: Micros | undefined
  readonly until?: Micros | undefined
  readonly sessionId?: string | undefined
}

/** What the catalog knows to be missing. */
export interface Losses {
  /** Declared gaps of each session. */
  readonly gaps: readonly { readonly sessionId: string; readonly count: number; readonly from: number; readonly to: number }[]
  /** What retention removed of each doc_type, newest and oldest day. */
  readonly pruned: readonly {
    readonly docType: DocType
    readonly days: number
    /** Null where the log does not say: it was removed before there was one. */
    readonly rows: number | null
    readonly firstDate: string
    readonly lastDate: string
  }[]
}

/** An entry of the log of retention: what went of one day and doc_type. */
export interface RetentionEntry {
  readonly receiptId: string
  readonly at: Micros
  readonly docType: DocType
  readonly date: string
  readonly files: number
  readonly bytes: number
  /** Rows that went. */
  readonly rows: number
  /** Rows of games to keep; they stand in a part of their own. */
  readonly kept: number
}

/** Read side of the catalog: a consistent list of what exists. Close it after use. */
export interface CatalogReader extends Disposable {
  /** Grows by one with every commit; equal numbers mean equal content. */
  generation(): number
  /** Live part files, sorted by path; both filters are optional. */
  files(filter?: { readonly docType?: DocType; readonly date?: string }): FileMeta[]
  sessions(): SessionMeta[]
  gaps(sessionId?: string): GapMeta[]
  /** Files, sessions, gaps and generation out of one snapshot. */
  snapshot(): { generation: number; files: FileMeta[]; sessions: SessionMeta[]; gaps: GapMeta[] }
  /** Files, and where these journal segments stand, out of one snapshot. Costs little when nothing was committed since. */
  look(segments: readonly Pick<SegmentPlace, 'sessionId' | 'segment'>[]): {
    readonly generation: number
    readonly files: readonly FileMeta[]
    readonly places: readonly SegmentPlace[]
  }
  /** What is known to be missing. */
  losses(scope: LossScope): Losses
  /** What retention removed, in the order in which it went. */
  retention(): RetentionEntry[]
  close(): void
}

class SqliteCatalogReader implements CatalogReader {
  readonly #db: DatabaseSync
  readonly #root: string
  #open = true
  #listed: { readonly generation: number; readonly files: readonly FileMeta[] } | undefined

  constructor(db: DatabaseSync, root: string) {
    this.#db = db
    this.#root = root
  }

  generation(): number {
    return Number(this.#db.prepare("SELECT value FROM meta WHERE key = 'generation'").get()?.['value'] ?? 0)
  }

  files(filter: { readonly docType?: DocType; readonly date?: string } = {}): FileMeta[] {
    const rows = this.#db
      .prepare(
        `SELECT * FROM ${fileSource(this.#db)} WHERE state IN ('live', 'staged') AND (?1 IS NULL OR doc_type = ?1) AND (?2 IS NULL OR date = ?2) ORDER BY path`,
      )
      .all(filter.docType ?? null, filter.date ?? null)
    return rows.map((row) => fileMeta(this.#root, row))
  }

  sessions(): SessionMeta[] {
    const rows = this.#db
      .prepare(
        `SELECT s.*, min(g.seq_first) AS seq_first, max(g.seq_last) AS seq_last, coalesce(sum(g.rows), 0) AS rows, count(g.segment) AS segments
         FROM sessions s LEFT JOIN segments g USING (session_id) GROUP BY s.session_id ORDER BY s.session_id`,
      )
      .all()
    return rows.map((row) => ({
      sessionId: text(row['session_id']),
      session8: text(row['session8']),
      source: textOrNull(row['source']) as EventSource | null,
      origin: textOrNull(row['origin']),
      meta: json(row['meta']),
      openedAt: numberOrNull(row['opened_at']),
      endedAt: numberOrNull(row['ended_at']),
      summary: json(row['summary']),
      seqFirst: numberOrNull(row['seq_first']),
      seqLast: numberOrNull(row['seq_last']),
      rows: Number(row['rows']),
      segments: Number(row['segments']),
    }))
  }

  gaps(sessionId?: string): GapMeta[] {
    const rows = this.#db
      .prepare('SELECT * FROM gaps WHERE ?1 IS NULL OR session_id = ?1 ORDER BY session_id, seq')
      .all(sessionId ?? null)
    return rows.map((row) => ({
      sessionId: text(row['session_id']),
      seq: Number(row['seq']),
      ts: Number(row['ts']),
      detail: json(row['detail']),
    }))
  }

  snapshot(): ReturnType<CatalogReader['snapshot']> {
    this.#db.exec('BEGIN')
    try {
      return { generation: this.generation(), files: this.files(), sessions: this.sessions(), gaps: this.gaps() }
    } finally {
      this.#db.exec('COMMIT')
    }
  }

  look(segments: readonly Pick<SegmentPlace, 'sessionId' | 'segment'>[]): ReturnType<CatalogReader['look']> {
    this.#db.exec('BEGIN')
    try {
      const generation = this.generation()
      if (this.#listed?.generation !== generation) this.#listed = { generation, files: this.files() }
      return { ...this.#listed, places: segments.map((segment) => this.#place(segment)) }
    } finally {
      this.#db.exec('COMMIT')
    }
  }

  losses({ since, until, sessionId }: LossScope): Losses {
    const gaps = this.#db
      .prepare(
        `SELECT session_id, count(*) AS count, min(seq) AS first, max(seq) AS last FROM gaps
         WHERE (?1 IS NULL OR ts >= ?1) AND (?2 IS NULL OR ts < ?2) AND (?3 IS NULL OR session_id = ?3) GROUP BY session_id ORDER BY session_id`,
      )
      .all(since ?? null, until ?? null, sessionId ?? null)
      .map((row) => ({
        sessionId: text(row['session_id']),
        count: Number(row['count']),
        from: Number(row['first']),
        to: Number(row['last']),
      }))
    return { gaps, pruned: formatVersion(this.#db) < 2 ? [] : this.#pruned({ since, until, sessionId }) }
  }

  #pruned({ since, until, sessionId }: LossScope): Losses['pruned'] {
    const logged = formatVersion(this.#db) >= 4
    return this.#db
      .prepare(
        `SELECT r.doc_type, count(DISTINCT r.date) AS days, min(r.date) AS first, max(r.date) AS last, ${logged ? 'sum(l.rows)' : 'NULL'} AS rows
         FROM receipts r ${logged ? 'LEFT JOIN retention l USING (receipt_id)' : ''}
         WHERE r.kind = 'prune' AND (?1 IS NULL OR r.date >= ?1) AND (?2 IS NULL OR r.date <= ?2)
           AND (?3 IS NULL OR receipt_id IN (SELECT receipt_id FROM dropped WHERE session_id = ?3))
         GROUP BY r.doc_type ORDER BY r.doc_type`,
      )
      .all(since === undefined ? null : utcDate(since), until === undefined ? null : utcDate(until - 1), sessionId ?? null)
      .map((row) => ({
        docType: text(row['doc_type']) as DocType,
        days: Number(row['days']),
        rows: numberOrNull(row['rows']),
        firstDate: text(row['first']),
        lastDate: text(row['last']),
      }))
  }

  retention(): RetentionEntry[] {
    if (formatVersion(this.#db) < 4) return []
    return this.#db
      .prepare('SELECT * FROM retention ORDER BY removed_at, date, doc_type')
      .all()
      .map((row) => ({
        receiptId: text(row['receipt_id']),
        at: Number(row['removed_at']),
        docType: text(row['doc_type']) as DocType,
        date: text(row['date']),
        files: Number(row['files']),
        bytes: Number(row['bytes']),
        rows: Number(row['rows']),
        kept: Number(row['kept']),
      }))
  }

  #place({ sessionId, segment }: Pick<SegmentPlace, 'sessionId' | 'segment'>): SegmentPlace {
    const get = (sql: string): SQLOutputValue | undefined => this.#db.prepare(sql).get(sessionId, segment)?.['found']
    const end = get('SELECT max(seq_last) AS found FROM segments WHERE session_id = ? AND segment < ?')
    const start = get('SELECT min(seq_first) AS found FROM segments WHERE session_id = ? AND segment > ?')
    return {
      sessionId,
      segment,
      published: get('SELECT 1 AS found FROM segments WHERE session_id = ? AND segment = ?') !== undefined,
      earlierEnd: numberOrNull(end) ?? 0,
      laterStart: numberOrNull(start) ?? Number.POSITIVE_INFINITY,
    }
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#db.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/**
 * Opens the catalog of a data directory for reading.
 *
 * @throws STORE_BUSY when another process holds it for seconds; STORE_CATALOG when there is none yet, it cannot be read or was not filled again yet, or a newer program wrote it
 */
export function openCatalog(dir: string): CatalogReader {
  const paths = storePaths(dir)
  if (!existsSync(paths.catalog)) {
    throw new EventStoreError('STORE_CATALOG', `no catalog in ${paths.root}; record or import something, or run a recovery`, {
      context: { path: paths.catalog, missing: true },
    })
  }
  try {
    const db = openReadOnly(paths.catalog)
    const version = formatVersion(db)
    assertReadableFormat(version, paths.catalog)
    if (version > 0 && !isFilling(db)) return new SqliteCatalogReader(db, paths.root)
    db.close()
    if (version > 0)
      throw new EventStoreError(
        'STORE_CATALOG',
        `the catalog in ${paths.root} was lost or damaged and does not list all parts yet; if no recovery is at it, run: vectra store recover`,
        { context: { path: paths.catalog } },
      )
    throw new EventStoreError('STORE_CATALOG', `the catalog in ${paths.root} is being made; try again`, {
      context: { path: paths.catalog, missing: true },
    })
  } catch (error) {
    if (error instanceof EventStoreError) throw error
    if (isBusy(error))
      throw new EventStoreError('STORE_BUSY', `catalog ${paths.catalog} is held by another process; try again`, {
        cause: error,
        context: { path: paths.catalog },
      })
    throw new EventStoreError(
      'STORE_CATALOG',
      `catalog ${paths.catalog} cannot be read; run a recovery to rebuild it from the parts`,
      {
        cause: error,
        context: { path: paths.catalog },
      },
    )
  }
}

/** True for the error of a catalog that is not there, or was made this moment and holds nothing yet. */
export function isMissing(error: unknown): boolean {
  return error instanceof EventStoreError && error.context['missing'] === true
}

/** Live part files of a data directory, sorted by path; an empty list when it has no catalog yet. */
export function listFiles(dir: string): FileMeta[] {
  if (!existsSync(storePaths(dir).catalog)) return []
  try {
    using catalog = openCatalog(dir)
    return catalog.files()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
