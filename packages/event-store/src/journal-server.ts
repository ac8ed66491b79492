import { DurableDirectories } from './durable.ts'
import { EventStoreError, type StoreErrorCode } from './errors.ts'
import type { FsPort } from './fs-port.ts'
import {
  type Chunk,
  type CommitOutcome,
  type OpenRows,
  type SealedSegment,
  type SegmentLimits,
  SessionJournal,
} from './journal.ts'
import type { SegmentHeader } from './line.ts'
import type { StorePaths } from './paths.ts'

/** What the store asks of its journal. `session` is a small number that stands for the session. */
export type JournalRequest =
  | {
      readonly kind: 'open'
      readonly session: number
      readonly sessionId: string
      readonly info: SegmentHeader['info']
      readonly segment: number
      readonly nextSeq: number
    }
  | ({ readonly kind: 'append'; readonly id: number; readonly session: number } & Chunk)
  | { readonly kind: 'seal'; readonly id: number; readonly session: number }
  | { readonly kind: 'close'; readonly id: number; readonly session: number }

/** An error on its way between threads. */
export interface PlainError {
  readonly code: StoreErrorCode
  readonly message: string
  readonly context: Readonly<Record<string, unknown>>
}

/** Outcome of one group commit. */
export interface JournalReply {
  /** Requests that are done; appends among them are durable. */
  readonly done: readonly number[]
  readonly failed: readonly { readonly id: number; readonly error: PlainError }[]
  readonly sealed: readonly SealedSegment[]
  /** What the open segment holds, by session. */
  readonly open: readonly (readonly [session: number, held: OpenRows])[]
}

const NOTHING: OpenRows = { rows: 0, bytes: 0 }

/** What a {@link JournalServer} is made with. */
export interface JournalServerOptions {
  readonly fs: FsPort
  readonly paths: StorePaths
  readonly limits: SegmentLimits
  readonly behind: () => boolean
}

/** The journals of all sessions of one store. Runs on its own thread; every call is one group commit. */
export class JournalServer {
  readonly #options: JournalServerOptions
  readonly #directories: DurableDirectories
  readonly #journals = new Map<number, SessionJournal>()

  constructor(options: JournalServerOptions) {
    this.#options = options
    this.#directories = new DurableDirectories(options.fs, options.paths.root)
  }

  /** Handles everything that waits, in order per session: one write and one sync per session with appends. */
  handle(requests: readonly JournalRequest[]): JournalReply {
    const done: number[] = []
    const failed: { id: number; error: PlainError }[] = []
    const sealed: SealedSegment[] = []
    const open = new Map<number, OpenRows>()
    const waiting = new Map<number, (Chunk & { readonly id: number })[]>()
    const commit = (session: number): void => {
      const chunks = waiting.get(session)
      if (chunks === undefined) return
      waiting.delete(session)
      const outcome = this.#append(session, chunks)
      chunks.forEach((chunk, index) => {
        if (index < outcome.acked) done.push(chunk.id)
        else if (outcome.error !== undefined) failed.push({ id: chunk.id, error: plain(outcome.error) })
      })
      sealed.push(...outcome.sealed)
      open.set(session, outcome.open)
    }
    for (const request of requests) {
      if (request.kind === 'append') {
        const chunks = waiting.get(request.session)
        if (chunks === undefined) waiting.set(request.session, [request])
        else chunks.push(request)
        continue
      }
      commit(request.session)
      if (request.kind === 'open') this.#open(request)
      else {
        const segment = this.#journals.get(request.session)?.seal()
        if (segment !== undefined) sealed.push(segment)
        open.set(request.session, NOTHING)
        if (request.kind === 'close') this.#journals.delete(request.session)
        done.push(request.id)
      }
    }
    for (const session of [...waiting.keys()]) commit(session)
    return { done, failed, sealed, open: [...open] }
  }

  #open(request: JournalRequest & { kind: 'open' }): void {
    // The session's directory may have been removed since it was last used.
    this.#directories.forget(`${this.#options.paths.journal}/${request.sessionId}`)
    this.#journals.set(
      request.session,
      new SessionJournal({
        ...this.#options,
        directories: this.#directories,
        sessionId: request.sessionId,
        info: request.info,
        segment: request.segment,
        nextSeq: request.nextSeq,
      }),
    )
  }

  #append(session: number, chunks: readonly Chunk[]): CommitOutcome {
    const journal = this.#journals.get(session)
    if (journal !== undefined) return journal.append(chunks)
    // Refused, not thrown: an exception would end the thread, and with it every other session.
    const error = new EventStoreError('STORE_SESSION_NOT_OPEN', 'the session was ended while the append waited')
    return { acked: 0, error, sealed: [], open: NOTHING }
  }
}

function plain(error: NonNullable<CommitOutcome['error']>): PlainError {
  const context = Object.fromEntries(
    Object.entries(error.context).filter(([, value]) => value === null || typeof value !== 'object'),
  )
  return { code: error.code as StoreErrorCode, message: error.message, context }
}
