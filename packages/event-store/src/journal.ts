import path from 'node:path'
import type { DurableDirectories } from './durable.ts'
import { diskError, EventStoreError } from './errors.ts'
import type { FsPort } from './fs-port.ts'
import { encodeLine, JOURNAL_VERSION, type SegmentHeader } from './line.ts'
import { type StorePaths, segmentFile } from './paths.ts'

/** When an open segment is sealed. */
export interface SegmentLimits {
  /** Rows, as long as parts keep up. */
  readonly maxEvents: number
  /** Bytes, whatever happens. */
  readonly maxBytes: number
}

/** Encoded lines of one append, whole and in order. */
export interface Chunk {
  readonly bytes: Uint8Array
  readonly count: number
  readonly firstSeq: number
  /** Last seq the lines account for. */
  readonly lastSeq: number
}

/** A segment that gets no further rows. */
export interface SealedSegment {
  readonly sessionId: string
  readonly segment: number
  readonly bytes: number
  readonly rows: number
  /** First seq after the rows acknowledged in it. */
  readonly limit: number
}

/** What one group commit did. Chunks from `acked` on failed with `error`. */
export interface CommitOutcome {
  readonly acked: number
  readonly error: EventStoreError | undefined
  readonly sealed: readonly SealedSegment[]
  readonly open: OpenRows
}

/** What was acknowledged in the segment that is open now. */
export interface OpenRows {
  readonly rows: number
  readonly bytes: number
}

interface OpenSegment {
  readonly segment: number
  readonly file: string
  readonly fd: number
  /** The file's directory entry is durable. */
  entered: boolean
  ackedBytes: number
  ackedRows: number
}

/** What a session's journal is opened with. */
export interface JournalOptions {
  readonly fs: FsPort
  readonly paths: StorePaths
  readonly directories: DurableDirectories
  readonly sessionId: string
  readonly info: SegmentHeader['info']
  /** Number of the first segment to write. */
  readonly segment: number
  /** Seq of the first row to write. */
  readonly nextSeq: number
  readonly limits: SegmentLimits
  /** True while parts lag behind: segments then grow up to `maxBytes`, so that encoding catches up in larger pieces. */
  readonly behind: () => boolean
}

/**
 * The journal of one session: appends lines and acknowledges them once they are on the disk. Synchronous, pure over its disk.
 *
 * A failed write or sync ends its segment for ever: after a failed fsync the kernel may call the lost pages clean, so the
 * same file is never synced again and called good. Unacknowledged lines go once more into a new file, or are refused.
 */
export class SessionJournal {
  readonly #options: JournalOptions
  readonly #directory: string
  #open: OpenSegment | undefined
  #segment: number
  #nextSeq: number
  #refusal: EventStoreError | undefined

  constructor(options: JournalOptions) {
    this.#options = options
    this.#directory = path.join(options.paths.journal, options.sessionId)
    this.#segment = options.segment
    this.#nextSeq = options.nextSeq
  }

  /** Seq that the next chunk must start with. */
  get nextSeq(): number {
    return this.#nextSeq
  }

  /** Group commit: one write and one sync for all chunks, more only where a segment is full. */
  append(chunks: readonly Chunk[]): CommitOutcome {
    const sealed: SealedSegment[] = []
    let acked = 0
    while (acked < chunks.length) {
      const next = chunks[acked]
      if (next !== undefined && next.firstSeq !== this.#nextSeq) {
        // What was under way behind a refused append is refused for the same reason.
        const error =
          this.#refusal ??
          new EventStoreError(
            'STORE_SEQ_HOLE',
            `append starts at seq ${next.firstSeq}, the journal continues at ${this.#nextSeq}`,
            {
              context: { sessionId: this.#options.sessionId, firstSeq: next.firstSeq, nextSeq: this.#nextSeq },
            },
          )
        return { acked, error, sealed, open: this.#held() }
      }
      const group = this.#group(chunks, acked)
      const error = this.#commit(group, sealed)
      if (error !== undefined) return { acked, error, sealed, open: this.#held() }
      acked += group.length
    }
    return { acked, error: undefined, sealed, open: this.#held() }
  }

  /** Ends the open segment, if it has rows. A failure is no loss: recovery and encoding do without a footer. */
  seal(): SealedSegment | undefined {
    const open = this.#open
    if (open === undefined) return undefined
    try {
      this.#options.fs.write(open.fd, [this.#footer(open.ackedRows, this.#nextSeq)])
      this.#options.fs.fdatasync(open.fd)
    } catch {
      return this.#abandon(open)
    }
    return this.#finish(open, open.ackedBytes)
  }

  /** Chunks that go into the open segment before it must be sealed. */
  #group(chunks: readonly Chunk[], from: number): Chunk[] {
    const group: Chunk[] = []
    let bytes = this.#open?.ackedBytes ?? 0
    for (let at = from; at < chunks.length; at++) {
      const chunk = chunks[at]
      const expected: number = group.at(-1)?.lastSeq ?? this.#nextSeq - 1
      if (chunk === undefined || chunk.firstSeq !== expected + 1) break
      group.push(chunk)
      bytes += chunk.bytes.byteLength
      if (bytes >= this.#options.limits.maxBytes) break
    }
    return group
  }

  #commit(group: readonly Chunk[], sealed: SealedSegment[]): EventStoreError | undefined {
    for (let attempt = 1; ; attempt++) {
      try {
        this.#write(group, sealed)
        this.#refusal = undefined
        return undefined
      } catch (error) {
        if (this.#open === undefined) this.#segment++
        else {
          const abandoned = this.#abandon(this.#open)
          if (abandoned !== undefined) sealed.push(abandoned)
        }
        const failure = diskError(error, 'write', path.join(this.#directory, segmentFile(this.#segment)))
        // A full disk stays full; anything else gets one more chance in a new file.
        if (failure.code !== 'STORE_IO' || attempt > 1) {
          this.#refusal = failure
          return failure
        }
      }
    }
  }

  #write(group: readonly Chunk[], sealed: SealedSegment[]): void {
    const { fs, limits } = this.#options
    const buffers: Uint8Array[] = []
    const open = this.#open ?? this.#create()
    if (open.ackedBytes === 0) buffers.push(this.#header(open.segment))
    let count = open.ackedRows
    let lastSeq = this.#nextSeq - 1
    for (const chunk of group) {
      buffers.push(chunk.bytes)
      count += chunk.count
      lastSeq = chunk.lastSeq
    }
    let bytes = open.ackedBytes + buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0)
    const full = bytes >= limits.maxBytes || (count >= limits.maxEvents && !this.#options.behind())
    if (full) buffers.push(this.#footer(count, lastSeq + 1))
    fs.write(open.fd, buffers)
    fs.fdatasync(open.fd)
    if (!open.entered) {
      fs.fsyncDir(this.#directory)
      open.entered = true
    }
    open.ackedBytes = bytes
    open.ackedRows = count
    this.#nextSeq = lastSeq + 1
    if (full) {
      bytes += buffers.at(-1)?.byteLength ?? 0
      sealed.push(this.#finish(open, bytes))
    }
  }

  #create(): OpenSegment {
    const { fs, directories } = this.#options
    directories.ensure(this.#directory)
    const segment = this.#segment
    const file = path.join(this.#directory, segmentFile(segment))
    const open = { segment, file, fd: fs.open(file, 'create'), entered: false, ackedBytes: 0, ackedRows: 0 }
    this.#open = open
    return open
  }

  #held(): OpenRows {
    return { rows: this.#open?.ackedRows ?? 0, bytes: this.#open?.ackedBytes ?? 0 }
  }

  #finish(open: OpenSegment, bytes: number): SealedSegment {
    this.#release(open)
    return { sessionId: this.#options.sessionId, segment: open.segment, bytes, rows: open.ackedRows, limit: this.#nextSeq }
  }

  /** Gives a segment up after a failure. What it acknowledged stays; what it may hold beyond that does not count. */
  #abandon(open: OpenSegment): SealedSegment | undefined {
    this.#release(open)
    try {
      if (open.ackedRows === 0) this.#options.fs.unlink(open.file)
      else this.#options.fs.truncate(open.file, open.ackedBytes)
    } catch {
      // The rest is told apart by `limit`, and after a crash by the next segment's first seq.
    }
    if (open.ackedRows === 0) return undefined
    return {
      sessionId: this.#options.sessionId,
      segment: open.segment,
      bytes: open.ackedBytes,
      rows: open.ackedRows,
      limit: this.#nextSeq,
    }
  }

  #release(open: OpenSegment): void {
    this.#open = undefined
    this.#segment = open.segment + 1
    try {
      this.#options.fs.close(open.fd)
    } catch {
      // Everything acknowledged was synced before.
    }
  }

  #header(segment: number): Uint8Array {
    const { sessionId, info } = this.#options
    return encodeLine({
      vectra: 'journal',
      version: JOURNAL_VERSION,
      session: sessionId,
      segment,
      first_seq: this.#nextSeq,
      info,
    })
  }

  #footer(count: number, nextSeq: number): Uint8Array {
    return encodeLine({ end: true, count, last_seq: nextSeq - 1 })
  }
}
