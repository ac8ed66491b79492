/** What can be wrong with a stored byte. Public and stable. */
export type FindingKind =
  | 'catalog_missing'
  | 'catalog_unreadable'
  | 'catalog_row'
  | 'catalog_seal'
  | 'journal_line'
  | 'journal_torn'
  | 'journal_header'
  | 'journal_leftover'
  | 'foreign_file'
  | 'temporary_file'
  | 'part_missing'
  | 'part_checksum'
  | 'part_unreadable'
  | 'part_rows'
  | 'part_unlisted'
  | 'receipt_missing'
  | 'receipt_damaged'
  | 'receipt_unlisted'
  | 'receipt_content'
  | 'session_damaged'
  | 'sheet_open'
  | 'seq_hole'
  | 'seq_double'

/** One thing that is not as it was stored. */
export interface VerifyFinding {
  readonly kind: FindingKind
  /** Relative to the data directory, with `/`; null when it concerns no single file. */
  readonly path: string | null
  readonly sessionId: string | null
  readonly message: string
}

/** What {@link verifyStore} found. */
export interface VerifyReport {
  readonly ok: boolean
  readonly findings: readonly VerifyFinding[]
  readonly checked: {
    readonly journalFiles: number
    readonly journalLines: number
    readonly parts: number
    readonly partBytes: number
    readonly rows: number
    readonly sessions: number
    readonly gaps: number
    readonly receipts: number
  }
  /** Sessions a live process was writing meanwhile: the ends of their journals are not judged. */
  readonly live: readonly string[]
  /**
   * Whether the checksum over the whole catalog was compared: `stale` while a store is open, and after a crash until the next recovery;
   * then its rows are checked one by one, and only bytes that hold nothing are not.
   */
  readonly seal: 'current' | 'stale' | 'none'
}

/** A stretch of seqs that one row stands for. */
export interface SeqRange {
  readonly from: number
  readonly to: number
}

/** Findings and seqs of one run. */
export class Verification {
  readonly findings: VerifyFinding[] = []
  readonly checked = { journalFiles: 0, journalLines: 0, parts: 0, partBytes: 0, rows: 0, sessions: 0, gaps: 0, receipts: 0 }
  readonly live: string[] = []
  seal: VerifyReport['seal'] = 'none'
  readonly #seqs = new Map<string, SeqRange[]>()
  readonly #incomplete = new Set<string>()
  #unknown = false

  add(kind: FindingKind, file: string | null, sessionId: string | null, message: string): void {
    this.findings.push({ kind, path: file, sessionId, message })
  }

  seq(sessionId: string, range: SeqRange): void {
    const ranges = this.#seqs.get(sessionId)
    if (ranges === undefined) this.#seqs.set(sessionId, [range])
    else ranges.push(range)
  }

  /** A file of the session could not be read: its seqs cannot be counted, which is reported already. */
  incomplete(sessionId: string | null): void {
    // A merged part: whose rows it held cannot be told.
    if (sessionId === null) this.#unknown = true
    else this.#incomplete.add(sessionId)
  }

  /** Holes and doubles of every session, over parts and journal together. */
  checkSeqs(): void {
    this.checked.sessions = this.#seqs.size
    if (this.#unknown) return
    for (const [sessionId, ranges] of this.#seqs) {
      if (this.#incomplete.has(sessionId)) continue
      ranges.sort((a, b) => a.from - b.from)
      let expected = 1
      for (const range of ranges) {
        if (range.from > expected)
          this.add('seq_hole', null, sessionId, `seqs ${expected} to ${range.from - 1} are missing and no gap declares them`)
        if (range.from < expected) this.add('seq_double', null, sessionId, `seq ${range.from} is stored twice`)
        expected = Math.max(expected, range.to + 1)
      }
    }
  }

  report(): VerifyReport {
    return { ok: this.findings.length === 0, findings: this.findings, checked: this.checked, live: this.live, seal: this.seal }
  }
}

/** An error's text. */
export const message = (error: unknown): string => (error instanceof Error ? error.message : String(error))
