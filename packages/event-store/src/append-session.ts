import type { CancelTimer, EventEnvelope, EventSource, Micros } from '@vectra/schemas'
import { EventStoreError } from './errors.ts'
import type { LineBuffer } from './line.ts'
import type { OwnerLock } from './owner-lock.ts'
import { utcDate } from './paths.ts'
import { assertEnvelope, type JournalRow, type RowPieces } from './row-codec.ts'
import { DECLARED_BY } from './segment.ts'

/** Appends of one session that go to the journal together. */
export interface Group {
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

/** A session that is open for writing. */
export interface Session {
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
  /** Bytes of the open segment. */
  openBytes: number
  /** Collects until the current turn of the event loop ends, or it is large enough. */
  group: Group | undefined
  /** `half-ended`: ending it failed, and may be tried again. */
  state: 'open' | 'ending' | 'half-ended'
  journalClosed: boolean
}

/** An empty group that continues where the session stands. */
export function newGroup(session: Pick<Session, 'epoch' | 'nextSeq'>, lines: LineBuffer): Group {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  return {
    lines,
    epoch: session.epoch,
    firstSeq: session.nextSeq,
    lastSeq: session.nextSeq - 1,
    count: 0,
    events: 0,
    lastTs: 0,
    durable: promise,
    settle: { resolve, reject },
  }
}

/** The error of a session that takes no events now. */
export function notOpen(sessionId: string): EventStoreError {
  return new EventStoreError('STORE_SESSION_NOT_OPEN', `session ${sessionId} is not open; call openSession first`, {
    context: { sessionId },
  })
}

/** Runs of events of one session, checked as a whole: nothing of a wrong batch is stored. */
export function splitBatch(
  batch: readonly EventEnvelope[],
  open: (sessionId: string) => Session,
): { session: Session; events: EventEnvelope[] }[] {
  const runs: { session: Session; events: EventEnvelope[] }[] = []
  const next = new Map<Session, number>()
  for (const event of batch) {
    assertEnvelope(event)
    const session = open(event._session_id)
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

/** Says what was refused and never came again: one row for the whole stretch. */
export function refusedGap(session: Session, next: EventEnvelope): RowPieces {
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
