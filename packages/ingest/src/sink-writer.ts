import type { Clock, EventEnvelope, Micros, Random } from '@vectra/schemas'
import { type BackoffOptions, backoffDelay } from './backoff.ts'
import type { Balance } from './balance.ts'
import { IngestError, messageOf } from './errors.ts'
import type { Gap } from './gap.ts'
import type { BoundedQueue } from './queue.ts'
import type { EventSink } from './sink.ts'
import type { Translated } from './translate.ts'

/** What the writer works on. */
export interface SinkWriterOptions {
  readonly sink: Pick<EventSink, 'append'>
  readonly clock: Clock
  readonly random: Random
  readonly retry: BackoffOptions
  readonly queue: BoundedQueue<Translated>
  readonly balance: Balance
  /** While it is not aborted, a sink without room is tried again for ever. */
  readonly signal: AbortSignal
  /** Called once, when no more can be written. */
  readonly onFailure: () => void
}

/** Codes after which the same batch may be appended again (P8): no room, or a disk that failed for now. */
export const RETRYABLE_SINK_CODES: ReadonlySet<string> = new Set(['STORE_DISK_FULL', 'STORE_IO', 'ENOSPC', 'EDQUOT', 'EIO'])

/**
 * Moves what is queued into the sink: one append in flight, the next batch collects meanwhile.
 *
 * A sink without room is retried with the same batch; the queue fills and the source is held back. Any other refusal ends
 * the writer, and what it could not store stays `unstored` on the sheet.
 */
export class SinkWriter {
  readonly #options: SinkWriterOptions
  #failure: IngestError | null = null
  #stall: { from: Micros; to: Micros } | null = null

  constructor(options: SinkWriterOptions) {
    this.#options = options
  }

  /** Why writing ended early; null when it did not. */
  get failure(): IngestError | null {
    return this.#failure
  }

  /** A stretch in which the sink had no room, once it is over: a gap row without loss unless the source says otherwise. */
  takeStall(): Omit<Gap, 'source'> | null {
    const stall = this.#stall
    this.#stall = null
    return stall && { ...stall, cause: 'backpressure', est_missing: 0, recovered_by: 'held_back' }
  }

  /** Writes until the queue has ended and is empty, or the sink refuses. Never rejects: see `failure`. */
  async run(): Promise<void> {
    const { queue, balance } = this.#options
    for (;;) {
      await queue.ready()
      const batch = queue.takeAll()
      if (batch.length === 0) return
      const failure = await this.#append(batch.map((item) => item.envelope))
      if (failure) {
        this.#failure = failure
        queue.discard()
        this.#options.onFailure()
        return
      }
      for (const item of batch) balance.settle(item, 'stored')
    }
  }

  async #append(batch: readonly EventEnvelope[]): Promise<IngestError | null> {
    const { sink, clock, random, retry, signal, balance } = this.#options
    let since: Micros | null = null
    for (let attempt = 0; ; attempt += 1) {
      try {
        await sink.append(batch)
        if (since !== null) this.#stall = { from: this.#stall?.from ?? since, to: clock.now() }
        return null
      } catch (error) {
        const full = isRetryable(error)
        if (!full || signal.aborted) return refusal(error, full, batch)
        if (since === null) balance.stalls += 1
        since ??= clock.now()
        await pause(clock, backoffDelay(attempt, random.float(), retry), signal)
      }
    }
  }
}

function isRetryable(error: unknown): boolean {
  for (
    let at = error, depth = 0;
    typeof at === 'object' && at !== null && depth < 8;
    at = (at as { cause?: unknown }).cause, depth += 1
  ) {
    if ('code' in at && typeof at.code === 'string' && RETRYABLE_SINK_CODES.has(at.code)) return true
  }
  return false
}

function refusal(error: unknown, full: boolean, batch: readonly EventEnvelope[]): IngestError {
  const context = {
    firstSeq: batch[0]?._seq ?? null,
    lastSeq: batch.at(-1)?._seq ?? null,
    unstoredFromSeq: batch[0]?._seq ?? null,
  }
  if (full) {
    return new IngestError(
      'INGEST_SINK_FULL',
      `stopped while the store had no room (${messageOf(error)}); make room and start again`,
      { cause: error, context },
    )
  }
  return new IngestError('INGEST_SINK_FAILED', `the store refused a batch: ${messageOf(error)}`, { cause: error, context })
}

function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.timer(delayMs, done, { keepAlive: true })
    if (signal.aborted) done()
    else signal.addEventListener('abort', done, { once: true })
  })
}
