import type { CancelTimer, Clock } from '@vectra/schemas'
import { EventStoreError } from './errors.ts'
import type { SealedSegment } from './journal.ts'
import type { MaterializeResult } from './materialize.ts'
import type { Materializer } from './materializer.ts'

/** What a {@link PartQueue} tells the store. */
export interface PartQueueListener {
  /** `durationMs`: of the attempt that worked. */
  published(segment: SealedSegment, result: MaterializeResult, durationMs: number): void
  failed(segment: SealedSegment, error: EventStoreError, attempt: number): void
}

/** Milliseconds before a failed segment is tried again: doubles up to the last. */
const RETRY_MS = [100, 500, 2_000, 10_000, 30_000] as const
/** Failures in a row after which a waiting flush is told, while retrying goes on. */
const PATIENCE = 3

/**
 * Sealed segments on their way to parts, in order, one at a time. A failure is retried for ever, with growing pauses: the
 * segment is safe in the journal meanwhile, and a full disk may have room again later.
 */
export class PartQueue {
  readonly #materializer: Materializer
  readonly #clock: Clock
  readonly #listener: PartQueueListener
  readonly #waiting: SealedSegment[] = []
  readonly #idle: { resolve: () => void; reject: (error: EventStoreError) => void }[] = []
  #running: Promise<void> | undefined
  #attempt = 0
  #retry: CancelTimer | undefined
  #stopped = false

  constructor(materializer: Materializer, clock: Clock, listener: PartQueueListener) {
    this.#materializer = materializer
    this.#clock = clock
    this.#listener = listener
  }

  /** Segments that are not parts yet. */
  get length(): number {
    return this.#waiting.length
  }

  add(segment: SealedSegment): void {
    this.#waiting.push(segment)
    this.#pump()
  }

  /** Resolves when nothing waits; rejects when a segment fails again and again (it stays in the journal). */
  idle(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#idle.push({ resolve, reject })
      // Whoever waits now does not wait for the pause of an earlier failure.
      if (this.#retry !== undefined) {
        this.#retry()
        this.#retry = undefined
        this.#attempt = 0
        this.#pump()
      }
    })
  }

  /** Stops retrying; what waits stays in the journal. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#retry?.()
    await this.#running
  }

  #pump(): void {
    if (this.#running !== undefined || this.#retry !== undefined || this.#stopped) return
    const segment = this.#waiting[0]
    if (segment === undefined) {
      for (const waiter of this.#idle.splice(0)) waiter.resolve()
      return
    }
    this.#running = this.#one(segment).finally(() => {
      this.#running = undefined
      this.#pump()
    })
  }

  async #one(segment: SealedSegment): Promise<void> {
    const begun = this.#clock.monotonic()
    try {
      const result = await this.#materializer.materialize({
        sessionId: segment.sessionId,
        segment: segment.segment,
        limit: segment.limit,
      })
      this.#attempt = 0
      this.#waiting.shift()
      this.#listener.published(segment, result, this.#clock.monotonic() - begun)
    } catch (cause) {
      this.#attempt++
      const reason = cause instanceof Error ? cause.message : String(cause)
      const error = new EventStoreError(
        'STORE_ENCODE',
        `segment ${segment.segment} of session ${segment.sessionId} could not be turned into parts (${reason}); its events are safe in the journal`,
        {
          cause,
          context: { sessionId: segment.sessionId, segment: segment.segment, attempt: this.#attempt },
        },
      )
      this.#listener.failed(segment, error, this.#attempt)
      if (this.#attempt >= PATIENCE) for (const waiter of this.#idle.splice(0)) waiter.reject(error)
      const pause = RETRY_MS[Math.min(this.#attempt, RETRY_MS.length) - 1] ?? 30_000
      this.#retry = this.#clock.timer(pause, () => {
        this.#retry = undefined
        this.#pump()
      })
    }
  }
}
