import type { CancelTimer, DocType, EventEnvelope, EventSource, Micros } from '@vectra/schemas'
import type { SqliteCatalogWriter } from './catalog-writer.ts'
import { openCatalogWriter, prepareDirectory } from './data-directory.ts'
import { DurableDirectories } from './durable.ts'
import { EncodeClient } from './encode-client.ts'
import { type Env, systemEnv } from './env.ts'
import { EventStoreError } from './errors.ts'
import type { SealedSegment } from './journal.ts'
import { JournalClient } from './journal-client.ts'
import type { LineBuffer } from './line.ts'
import { type Materializer, openMaterializer } from './materializer.ts'
import { type OwnerLock, ownerLock } from './owner-lock.ts'
import type { EncoderName, PartEncoder } from './part-encoder.ts'
import { PartQueue } from './part-queue.ts'
import { isSessionId, type StorePaths, utcDate } from './paths.ts'
import { openQuery, type QueryEngine, type QueryOptions } from './query/engine.ts'
import { catalogSource, type FileSnapshot, type FileSource } from './query/file-source.ts'
import { type RecoveryReport, sessionEnd } from './recovery.ts'
import { assertEnvelope, encodePieces, type JournalRow, type RowPieces } from './row-codec.ts'
import { DECLARED_BY } from './segment.ts'
import { writeSessionFile } from './session-file.ts'

/** When journal segments become part files. */
export interface FlushOptions {
  /** Events. Default 100. More while parts lag behind. */
  readonly maxEvents?: number
  /** Longest an event waits, in milliseconds, whatever follows it. Default 5000. */
  readonly intervalMs?: number
  /** Bytes of one segment. Default 8 MiB. */
  readonly maxBytes?: number
}

/** Trouble that the store deals with by itself; for logs and status lines. */
export interface StoreFault {
  readonly error: EventStoreError
  /** `append`: events were refused; `encode`: parts could not be made and are retried; `resumed`: appends work again; `compact`: small parts were not merged this time; `scrub`: a stored file is damaged, or could not be looked at. */
  readonly kind: 'append' | 'encode' | 'resumed' | 'compact' | 'scrub'
}

/** A journal segment that became part files. */
export interface StoreFlush {
  /** From taking the segment up to its parts in the catalog. */
  readonly durationMs: number
  /** Part files, and their bytes. */
  readonly files: number
  readonly bytes: number
}

/** Options of {@link openEventStore}. */
export interface EventStoreOptions {
  /** Data directory; created if need be. */
  readonly dir: string
  readonly env?: Env
  readonly flush?: FlushOptions
  /** Default `duckdb`. An object runs in the caller's thread. */
  readonly encoder?: EncoderName | PartEncoder
  /** Journal bytes that may wait to become parts before `append` waits too. Default 256 MiB. */
  readonly maxPendingBytes?: number
  readonly onFault?: (fault: StoreFault) => void
  /** Each time that events became part files; for metrics. */
  readonly onFlush?: (flush: StoreFlush) => void
}

/** What a session says of itself when it is opened. */
export interface SessionInfo {
  readonly sessionId: string
  readonly source: EventSource
  readonly origin?: string | null
  /** Any JSON; stands in the catalog. */
  readonly meta?: unknown
}

/** What the store holds of a session that was just opened. */
export interface OpenedSession {
  /** Last stored seq; 0 for a new session. */
  readonly lastSeq: number
  readonly ended: boolean
}

/** Counters since the store was opened. */
export interface StoreStats {
  /** Events acknowledged as durable. */
  readonly acked: number
  /** Events given to `append` and not acknowledged yet. */
  readonly buffered: number
  /** Bytes of the journal that are not parts yet. */
  readonly pendingBytes: number
  /** Sealed segments that are not parts yet. */
  readonly segmentsPending: number
  readonly segmentsPublished: number
  readonly partsWritten: number
  readonly partBytes: number
  /** Rows in published parts, projections included. */
  readonly rowsByDocType: Readonly<Partial<Record<DocType, number>>>
  /** Events that `append` refused because of the disk. */
  readonly refused: number
}

/** The durable store of events. */
export interface EventStore extends AsyncDisposable {
  /** What opening repaired. */
  readonly recovery: RecoveryReport
  /**
   * Stores events: resolves once they are on the disk (fsynced), rejects when none of them is.
   *
   * `_seq` continues the session's last one. After a refusal the same events may be appended again; when the caller goes on
   * with later ones instead, the store declares the gap by a `gap` event of its own.
   *
   * @throws TypeError for what is no envelope
   * @throws STORE_SEQ_HOLE, STORE_SEQ_DUPLICATE, STORE_SESSION_NOT_OPEN, STORE_DISK_FULL, STORE_IO, STORE_READ_ONLY, STORE_CLOSED
   */
  append(batch: readonly EventEnvelope[]): Promise<void>
  /**
   * Takes a session for writing. `lastSeq` is the last stored one: above 0 when an import goes on. `ended`: it was ended
   * before, so an import that finds it has nothing to add.
   *
   * @throws STORE_SESSION_LOCKED, STORE_SESSION_COLLISION, STORE_SESSION_OPEN, STORE_SESSION_INVALID
   */
  openSession(info: SessionInfo): Promise<OpenedSession>
  /** Makes the session's events parts, notes its end and lets it go. */
  endSession(sessionId: string, summary?: unknown): Promise<void>
  /** Seals open segments and waits until everything is in parts. @throws STORE_ENCODE when that fails again and again */
  flush(): Promise<void>
  /** Flushes and lets go of everything; calling it again is fine. */
  close(): Promise<void>
  stats(): StoreStats
  /** Pins the list of part files as it is now: they stay on the disk, whatever is merged or pruned, until it is disposed. */
  snapshot(): FileSnapshot
  /** Opens a query engine on the directory that also sees what is only in the journal yet (`fresh: true` unless told otherwise). Close it after use. */
  query(options?: Omit<QueryOptions, 'dir'>): Promise<QueryEngine>
}

/** Appends of one session that go to the journal together. */
interface Group {
  readonly lines: LineBuffer
  readonly epoch: number
  readonly firstSeq: number
  lastSeq: number
  /** Lines, gap rows of ours included. */
  count: number
  /** Events of callers. */
  events: number
  lastTs: Micros
  readonly durable: Promise<void>
  readonly settle: { resolve: () => void; reject: (error: unknown) => void }
}

interface Session {
  readonly index: number
  readonly id: string
  readonly source: EventSource
  readonly lock: OwnerLock
  nextSeq: number
  /** Highest seq ever refused by the disk: up to here a hole is ours to declare. */
  refusedTo: number
  refusedBecause: string
  /** Rises with every refusal, so that later refusals of the same burst do not move `nextSeq` again. */
  epoch: number
  lastTs: Micros
  timer: CancelTimer | undefined
  /** Collects until the current turn of the event loop ends, or it is large enough. */
  group: Group | undefined
  /** `half-ended`: ending it failed, and may be tried again. */
  state: 'open' | 'ending' | 'half-ended'
  journalClosed: boolean
}

function notOpen(sessionId: string): EventStoreError {
  return new EventStoreError('STORE_SESSION_NOT_OPEN', `session ${sessionId} is not open; call openSession first`, {
    context: { sessionId },
  })
}

const DEFAULTS = { maxEvents: 100, intervalMs: 5_000, maxBytes: 8 * 1024 * 1024 } as const
const DEFAULT_PENDING_BYTES = 256 * 1024 * 1024
/** A group of appends is sent on when it holds so much. */
const GROUP_BYTES = 1024 * 1024

/** Opens a data directory for recording; repairs first what dead processes left behind. */
export async function openEventStore(options: EventStoreOptions): Promise<EventStore> {
  const env = options.env ?? systemEnv()
  const paths = prepareDirectory(env, options.dir)
  const encoder = options.encoder ?? 'duckdb'
  const materializer: Materializer =
    typeof encoder === 'string' ? new EncodeClient(options.dir, encoder) : await openMaterializer(env, options.dir, encoder)
  try {
    const recovery = await materializer.recover()
    const { catalog } = openCatalogWriter(env, paths)
    return new DurableEventStore(options, env, paths, materializer, catalog, recovery)
  } catch (error) {
    await materializer.close().catch(() => {})
    throw error
  }
}

class DurableEventStore implements EventStore {
  readonly recovery: RecoveryReport
  readonly #env: Env
  readonly #paths: StorePaths
  readonly #directories: DurableDirectories
  readonly #flush: Required<FlushOptions>
  readonly #maxPendingBytes: number
  readonly #onFault: (fault: StoreFault) => void
  readonly #materializer: Materializer
  readonly #catalog: SqliteCatalogWriter
  readonly #journal: JournalClient
  readonly #queue: PartQueue
  readonly #backlog: Int32Array
  readonly #sessions = new Map<string, Session>()
  readonly #byIndex = new Map<number, Session>()
  readonly #gate: (() => void)[] = []
  #files: FileSource | undefined
  #nextIndex = 1
  #closing: Promise<void> | undefined
  #acked = 0
  #buffered = 0
  #refused = 0
  #failing = false
  #openBytes = 0
  #sealedBytes = 0
  #segmentsPublished = 0
  #partsWritten = 0
  #partBytes = 0
  readonly #rows: Partial<Record<DocType, number>> = {}

  constructor(
    options: EventStoreOptions,
    env: Env,
    paths: StorePaths,
    materializer: Materializer,
    catalog: SqliteCatalogWriter,
    recovery: RecoveryReport,
  ) {
    this.recovery = recovery
    this.#env = env
    this.#paths = paths
    this.#directories = new DurableDirectories(env.fs, paths.root)
    this.#flush = { ...DEFAULTS, ...options.flush }
    this.#maxPendingBytes = options.maxPendingBytes ?? DEFAULT_PENDING_BYTES
    this.#onFault = options.onFault ?? (() => {})
    this.#materializer = materializer
    this.#catalog = catalog
    const shared = new SharedArrayBuffer(4)
    this.#backlog = new Int32Array(shared)
    this.#queue = new PartQueue(materializer, env.clock, {
      published: (segment, result, durationMs) => {
        Atomics.sub(this.#backlog, 0, 1)
        this.#sealedBytes -= segment.bytes
        if (result.published) this.#segmentsPublished++
        this.#partsWritten += result.files
        this.#partBytes += result.bytes
        for (const [docType, rows] of Object.entries(result.rowsByDocType)) {
          this.#rows[docType as DocType] = (this.#rows[docType as DocType] ?? 0) + rows
        }
        this.#openGate()
        options.onFlush?.({ durationMs, files: result.files, bytes: result.bytes })
      },
      failed: (_segment, error) => this.#onFault({ kind: 'encode', error }),
    })
    this.#journal = new JournalClient(options.dir, { maxEvents: this.#flush.maxEvents, maxBytes: this.#flush.maxBytes }, shared, {
      sealed: (segment) => this.#onSealed(segment),
      open: (index, rows) => this.#onOpenRows(index, rows),
      died: (error) => {
        if (this.#closing === undefined) this.#onFault({ kind: 'append', error })
      },
    })
  }

  openSession(info: SessionInfo): Promise<OpenedSession> {
    return this.#openSession(info, true)
  }

  async #openSession(info: SessionInfo, mayRecover: boolean): Promise<OpenedSession> {
    this.#assertOpen()
    if (!isSessionId(info.sessionId)) {
      throw new EventStoreError('STORE_SESSION_INVALID', `session id ${JSON.stringify(info.sessionId)} is no lower-case UUID`, {
        context: { sessionId: info.sessionId },
      })
    }
    if (this.#sessions.has(info.sessionId)) {
      throw new EventStoreError('STORE_SESSION_OPEN', `session ${info.sessionId} is open already`, {
        context: { sessionId: info.sessionId },
      })
    }
    const record = { sessionId: info.sessionId, source: info.source, origin: info.origin ?? null, meta: info.meta ?? null }
    const lock = ownerLock(this.#env.fs, this.#paths, info.sessionId)
    try {
      const leftovers = this.#env.fs
        .readdir(`${this.#paths.journal}/${info.sessionId}`)
        .some((entry) => entry.name.endsWith('.ndjson'))
      // Its former owner died after we opened: what it left must be parts before we go on.
      if (leftovers && !mayRecover) {
        throw new EventStoreError(
          'STORE_ENCODE',
          `session ${info.sessionId} has segments that could not be turned into parts; use another session, its events are safe in the journal`,
          {
            context: { sessionId: info.sessionId },
          },
        )
      }
      if (leftovers) {
        lock.release()
        await this.#materializer.recover()
        return await this.#openSession(info, false)
      }
      this.#catalog.registerSession(record, this.#env.clock.now())
      this.#keepSession(info.sessionId)
      const end = sessionEnd(this.#catalog.segments(info.sessionId))
      const session: Session = {
        index: this.#nextIndex++,
        id: info.sessionId,
        source: info.source,
        lock,
        nextSeq: end.seq + 1,
        refusedTo: 0,
        refusedBecause: '',
        epoch: 0,
        lastTs: 0,
        timer: undefined,
        group: undefined,
        state: 'open',
        journalClosed: false,
      }
      this.#sessions.set(session.id, session)
      this.#byIndex.set(session.index, session)
      this.#journal.open(
        session.index,
        session.id,
        { source: record.source, origin: record.origin, meta: record.meta },
        end.segment + 1,
        session.nextSeq,
      )
      return { lastSeq: end.seq, ended: this.#catalog.isEnded(info.sessionId) }
    } catch (error) {
      lock.release()
      throw error
    }
  }

  async append(batch: readonly EventEnvelope[]): Promise<void> {
    this.#assertOpen()
    if (!Array.isArray(batch)) throw new TypeError('append takes an array of event envelopes')
    const runs = this.#split(batch)
    // Encoded and counted at once, in the caller's order, so that the next append continues from here.
    const rows = runs.map(({ events }) => events.map(encodePieces))
    const durable = new Set(runs.flatMap(({ session, events }, index) => this.#encode(session, events, rows[index] ?? [])))
    if (durable.size === 1) return void (await [...durable][0])
    const results = await Promise.allSettled(durable)
    const failure = results.find((result) => result.status === 'rejected')
    if (failure !== undefined) throw failure.reason
  }

  async endSession(sessionId: string, summary?: unknown): Promise<void> {
    this.#assertOpen()
    const session = this.#sessions.get(sessionId)
    if (session === undefined || session.state === 'ending') throw notOpen(sessionId)
    // One whose end failed takes no more events, but may be ended again.
    session.state = 'ending'
    session.timer?.()
    try {
      this.#sendPending(session)
      this.#drainGate()
      if (!session.journalClosed) await this.#journal.close(session.index)
      session.journalClosed = true
      await this.#queue.idle()
      this.#catalog.endSession(sessionId, this.#env.clock.now(), summary)
      this.#keepSession(sessionId)
    } catch (error) {
      session.state = 'half-ended'
      throw error
    }
    this.#drop(session)
  }

  async flush(): Promise<void> {
    this.#assertOpen()
    await this.#flushAll()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  stats(): StoreStats {
    return {
      acked: this.#acked,
      buffered: this.#buffered,
      pendingBytes: this.#openBytes + this.#sealedBytes,
      segmentsPending: this.#queue.length,
      segmentsPublished: this.#segmentsPublished,
      partsWritten: this.#partsWritten,
      partBytes: this.#partBytes,
      rowsByDocType: { ...this.#rows },
      refused: this.#refused,
    }
  }

  snapshot(): FileSnapshot {
    this.#assertOpen()
    this.#files ??= catalogSource(this.#paths.root, this.#env)
    return this.#files.snapshot()
  }

  async query(options: Omit<QueryOptions, 'dir'> = {}): Promise<QueryEngine> {
    this.#assertOpen()
    return openQuery({ env: this.#env, fresh: true, ...options, dir: this.#paths.root })
  }

  async #close(): Promise<void> {
    try {
      await this.#flushAll()
    } finally {
      await this.#journal.stop()
      await this.#queue.stop()
      // Its end writes the catalog's seal; nothing is committed after it.
      await this.#materializer.close()
      for (const session of [...this.#sessions.values()]) this.#drop(session)
      this.#files?.close()
      this.#catalog.close()
    }
  }

  async #flushAll(): Promise<void> {
    for (const session of this.#sessions.values()) this.#sendPending(session)
    this.#drainGate()
    await Promise.all([...this.#sessions.values()].flatMap((session) => (session.journalClosed ? [] : [this.#seal(session)])))
    await this.#queue.idle()
  }

  /** What waits for room goes to the journal at once: it is in memory anyway, and an end or a flush must have it. */
  #drainGate(): void {
    for (const post of this.#gate.splice(0)) post()
  }

  #seal(session: Session): Promise<void> {
    this.#sendPending(session)
    return this.#journal.seal(session.index)
  }

  #sendPending(session: Session): void {
    if (session.group !== undefined) this.#send(session, session.group)
  }

  /** Writes down, beside the catalog, what a rebuilt catalog could not know. */
  #keepSession(sessionId: string): void {
    try {
      for (const session of this.#catalog.sessionFiles(sessionId))
        writeSessionFile(this.#env.fs, this.#paths, this.#directories, session)
    } catch {
      // A full disk: the next recovery writes it.
    }
  }

  #drop(session: Session): void {
    session.timer?.()
    this.#sessions.delete(session.id)
    this.#byIndex.delete(session.index)
    session.lock.release()
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new EventStoreError('STORE_CLOSED', 'the store is closed')
  }

  #session(sessionId: string): Session {
    const session = this.#sessions.get(sessionId)
    if (session?.state === 'open') return session
    throw notOpen(sessionId)
  }

  /** Runs of events of one session, checked as a whole: nothing of a wrong batch is stored. */
  #split(batch: readonly EventEnvelope[]): { session: Session; events: EventEnvelope[] }[] {
    const runs: { session: Session; events: EventEnvelope[] }[] = []
    const next = new Map<Session, number>()
    for (const event of batch) {
      assertEnvelope(event)
      const session = this.#session(event._session_id)
      const expected = next.get(session) ?? session.nextSeq
      if (event._seq < expected) {
        throw new EventStoreError(
          'STORE_SEQ_DUPLICATE',
          `seq ${event._seq} of session ${session.id} is stored already, next is ${expected}`,
          {
            context: { sessionId: session.id, seq: event._seq, expected },
          },
        )
      }
      if (event._seq > expected && (next.has(session) || event._seq - 1 > session.refusedTo)) {
        throw new EventStoreError(
          'STORE_SEQ_HOLE',
          `seq ${event._seq} of session ${session.id} skips ${event._seq - expected}, next is ${expected}`,
          {
            context: { sessionId: session.id, seq: event._seq, expected },
          },
        )
      }
      next.set(session, event._seq + 1)
      const run = runs.at(-1)
      if (run?.session === session) run.events.push(event)
      else runs.push({ session, events: [event] })
    }
    return runs
  }

  /** Adds events to the session's group; returns what to wait for. */
  #encode(session: Session, events: readonly EventEnvelope[], rows: readonly RowPieces[]): Promise<void>[] {
    const waits: Promise<void>[] = []
    const first = events[0]
    if (first !== undefined && first._seq > session.nextSeq)
      this.#add(session, this.#gapRow(session, first), first._seq - 1, first._ts, 0, waits)
    for (const row of rows) this.#add(session, row, row.columns.seq, row.columns.ts, 1, waits)
    return waits
  }

  #add(session: Session, row: RowPieces, lastSeq: number, ts: Micros, events: number, waits: Promise<void>[]): void {
    const group = session.group ?? this.#newGroup(session)
    group.lines.addRow(row)
    group.lastSeq = lastSeq
    group.lastTs = ts
    group.count++
    group.events += events
    session.nextSeq = lastSeq + 1
    this.#buffered += events
    if (waits.at(-1) !== group.durable) waits.push(group.durable)
    if (group.lines.length >= GROUP_BYTES) this.#send(session, group)
  }

  #newGroup(session: Session): Group {
    let settle: Group['settle'] | undefined
    const durable = new Promise<void>((resolve, reject) => {
      settle = { resolve, reject }
    })
    if (settle === undefined) throw new Error('unreachable: promise executors run at once')
    const firstSeq = session.nextSeq
    const group: Group = {
      lines: this.#journal.lines(),
      epoch: session.epoch,
      firstSeq,
      lastSeq: firstSeq - 1,
      count: 0,
      events: 0,
      lastTs: 0,
      durable,
      settle,
    }
    session.group = group
    // Appends of the same turn, all those that one acknowledgement woke up, go together: one message instead of hundreds.
    queueMicrotask(() => {
      if (session.group === group) this.#send(session, group)
    })
    return group
  }

  #send(session: Session, group: Group): void {
    session.group = undefined
    const post = (): void => {
      const chunk = { bytes: group.lines.take(), count: group.count, firstSeq: group.firstSeq, lastSeq: group.lastSeq }
      this.#journal.append(session.index, chunk).then(
        () => {
          this.#buffered -= group.events
          this.#acked += group.events
          session.lastTs = group.lastTs
          if (this.#failing) {
            this.#failing = false
            this.#onFault({ kind: 'resumed', error: new EventStoreError('STORE_IO', 'appends work again') })
          }
          group.settle.resolve()
        },
        (error: unknown) => {
          this.#buffered -= group.events
          this.#onRefused(session, group, error)
          group.settle.reject(error)
        },
      )
    }
    if (this.#gate.length > 0 || this.#sealedBytes > this.#maxPendingBytes) this.#gate.push(post)
    else post()
  }

  #onRefused(session: Session, group: Group, error: unknown): void {
    this.#refused += group.events
    session.refusedTo = Math.max(session.refusedTo, group.lastSeq)
    if (session.epoch !== group.epoch) return
    session.epoch++
    // What is being collected behind it belongs to the same burst and will be refused too.
    this.#sendPending(session)
    session.nextSeq = group.firstSeq
    const fault = error instanceof EventStoreError ? error : new EventStoreError('STORE_IO', String(error), { cause: error })
    session.refusedBecause = fault.code === 'STORE_DISK_FULL' ? 'disk_full' : 'disk_error'
    if (!this.#failing) this.#onFault({ kind: 'append', error: fault })
    this.#failing = true
  }

  /** Says what was refused and never came again: one row for the whole stretch. */
  #gapRow(session: Session, next: EventEnvelope): RowPieces {
    const toSeq = next._seq - 1
    const detail = {
      from: session.lastTs === 0 ? next._ts : session.lastTs,
      to: next._ts,
      cause: session.refusedBecause,
      source: session.source,
      est_missing: toSeq - session.nextSeq + 1,
      recovered_by: null,
      from_seq: session.nextSeq,
      to_seq: toSeq,
      declared_by: DECLARED_BY,
    }
    const columns: JournalRow = {
      doc: 'system_event',
      date: utcDate(next._ts),
      ts: next._ts,
      seq: session.nextSeq,
      source: session.source,
      session_id: session.id,
      ...(next._game_id === null ? {} : { game_id: next._game_id }),
      direction: 'internal',
      event_name: 'gap',
      packet: '',
    }
    return { columns, rawJson: JSON.stringify(detail) }
  }

  #onSealed(segment: SealedSegment): void {
    this.#sealedBytes += segment.bytes
    this.#queue.add(segment)
  }

  /** Keeps the interval timer: it starts with the first row of a segment and fires whether or not another event comes. */
  #onOpenRows(index: number, rows: number): void {
    const session = this.#byIndex.get(index)
    if (session === undefined) return
    if (rows === 0) {
      session.timer?.()
      session.timer = undefined
      return
    }
    if (session.timer !== undefined || session.state !== 'open') return
    session.timer = this.#env.clock.timer(this.#flush.intervalMs, () => {
      session.timer = undefined
      if (this.#closing === undefined) this.#seal(session).catch(() => {})
    })
  }

  #openGate(): void {
    while (this.#gate.length > 0 && this.#sealedBytes <= this.#maxPendingBytes) this.#gate.shift()?.()
  }
}
