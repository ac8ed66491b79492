import type { EventEnvelope, Micros } from '@vectra/schemas'
import { AppendGate } from './append-gate.ts'
import { type Group, newGroup, notOpen, refusedGap, type Session, splitBatch } from './append-session.ts'
import type { SqliteCatalogWriter } from './catalog-writer.ts'
import { openCatalogWriter, prepareDirectory } from './data-directory.ts'
import { DurableDirectories } from './durable.ts'
import { EncodeClient } from './encode-client.ts'
import { type Env, systemEnv } from './env.ts'
import { EventStoreError } from './errors.ts'
import type { OpenRows, SealedSegment } from './journal.ts'
import { JournalClient } from './journal-client.ts'
import { type Materializer, openMaterializer } from './materializer.ts'
import { leaveNote, passingOwnerLock, tryOwnerLock } from './owner-lock.ts'
import { PartQueue } from './part-queue.ts'
import { isSessionId, type StorePaths } from './paths.ts'
import { openQuery, type QueryEngine, type QueryOptions } from './query/engine.ts'
import { catalogSource, type FileSnapshot, type FileSource } from './query/file-source.ts'
import { type RecoveryReport, sessionEnd } from './recovery.ts'
import { encodePieces, type RowPieces } from './row-codec.ts'
import { writeSessionFile } from './session-file.ts'
import type {
  EventStore,
  EventStoreOptions,
  FlushOptions,
  OpenedSession,
  SessionInfo,
  StoreFault,
  StoreStats,
} from './store-api.ts'
import { StoreCounts } from './store-counts.ts'

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
    const catalog = openCatalogWriter(env, paths)
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
  readonly #onFault: (fault: StoreFault) => void
  readonly #materializer: Materializer
  readonly #catalog: SqliteCatalogWriter
  readonly #journal: JournalClient
  readonly #queue: PartQueue
  readonly #backlog: Int32Array
  readonly #sessions = new Map<string, Session>()
  readonly #byIndex = new Map<number, Session>()
  readonly #gate: AppendGate
  readonly #counts = new StoreCounts()
  #files: FileSource | undefined
  #nextIndex = 1
  #closing: Promise<void> | undefined
  #failing = false

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
    this.#gate = new AppendGate(options.maxPendingBytes ?? DEFAULT_PENDING_BYTES)
    this.#onFault = options.onFault ?? (() => {})
    this.#materializer = materializer
    this.#catalog = catalog
    const shared = new SharedArrayBuffer(4)
    this.#backlog = new Int32Array(shared)
    this.#queue = new PartQueue(materializer, env.clock, {
      published: (segment, result, durationMs) => {
        Atomics.sub(this.#backlog, 0, 1)
        this.#counts.published(result)
        this.#gate.published(segment.bytes)
        options.onFlush?.({ durationMs, files: result.files, bytes: result.bytes })
      },
      failed: (_segment, error) => this.#onFault({ kind: 'encode', error }),
    })
    this.#journal = new JournalClient(options.dir, { maxEvents: this.#flush.maxEvents, maxBytes: this.#flush.maxBytes }, shared, {
      sealed: (segment) => this.#onSealed(segment),
      open: (index, held) => this.#onOpenRows(index, held),
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
    const { fs } = this.#env
    const lock = tryOwnerLock(fs, this.#paths, info.sessionId) ?? (await passingOwnerLock(this.#env, this.#paths, info.sessionId))
    try {
      this.#assertOpen()
      leaveNote(fs, this.#paths, info.sessionId)
      const leftovers = fs.readdir(`${this.#paths.journal}/${info.sessionId}`).some((entry) => entry.name.endsWith('.ndjson'))
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
        openBytes: 0,
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
    const runs = splitBatch(batch, (sessionId) => this.#session(sessionId))
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
      this.#gate.drain()
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
    const open = [...this.#sessions.values()].reduce((sum, session) => sum + session.openBytes, 0)
    return {
      ...this.#counts.stats(),
      pendingBytes: open + this.#gate.bytes,
      segmentsPending: this.#queue.length,
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
    this.#gate.drain()
    await Promise.all([...this.#sessions.values()].flatMap((session) => (session.journalClosed ? [] : [this.#seal(session)])))
    await this.#queue.idle()
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

  /** Adds events to the session's group; returns what to wait for. */
  #encode(session: Session, events: readonly EventEnvelope[], rows: readonly RowPieces[]): Promise<void>[] {
    const waits: Promise<void>[] = []
    const first = events[0]
    if (first !== undefined && first._seq > session.nextSeq)
      this.#add(session, refusedGap(session, first), first._seq - 1, first._ts, 0, waits)
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
    this.#counts.taken(events)
    if (waits.at(-1) !== group.durable) waits.push(group.durable)
    if (group.lines.length >= GROUP_BYTES) this.#send(session, group)
  }

  #newGroup(session: Session): Group {
    const group = newGroup(session, this.#journal.lines())
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
          this.#counts.acknowledged(group.events)
          session.lastTs = group.lastTs
          if (this.#failing) {
            this.#failing = false
            this.#onFault({ kind: 'resumed', error: new EventStoreError('STORE_IO', 'appends work again') })
          }
          group.settle.resolve()
        },
        (error: unknown) => {
          this.#onRefused(session, group, error)
          group.settle.reject(error)
        },
      )
    }
    this.#gate.pass(post)
  }

  #onRefused(session: Session, group: Group, error: unknown): void {
    this.#counts.refused(group.events)
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

  #onSealed(segment: SealedSegment): void {
    this.#gate.sealed(segment.bytes)
    this.#queue.add(segment)
  }

  /** Keeps the interval timer: it starts with the first row of a segment and fires whether or not another event comes. */
  #onOpenRows(index: number, { rows, bytes }: OpenRows): void {
    const session = this.#byIndex.get(index)
    if (session === undefined) return
    session.openBytes = bytes
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
}
