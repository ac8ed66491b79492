import type { Clock, Random } from '@vectra/schemas'
import { type BackoffOptions, backoffDelay } from '../../backoff.ts'
import { IngestError, messageOf } from '../../errors.ts'
import { BoundedQueue } from '../../queue.ts'
import type { Source, SourceItem } from '../../source.ts'
import { type BrowserMemory, CdpSession } from './session.ts'
import type { CdpTransport } from './transport.ts'

/** What {@link cdpSource} needs. */
export interface CdpOptions {
  /** Opens a line to the browser; called again after the browser is gone. Rejects when there is none; null ends the source. */
  readonly connect: (signal: AbortSignal) => Promise<CdpTransport | null>
  /** Which rejections of `connect` end the source instead of being tried again. Default: none. */
  readonly isFinal?: (error: unknown) => boolean
  readonly clock: Clock
  readonly random: Random
  /** Which sockets and polls are the feed's, by URL. */
  readonly match: (url: string) => boolean
  /** Which pages are the feed's; needed for `reloadOnAttach`. */
  readonly matchPage?: (url: string) => boolean
  /** Reload pages that were open before us: identity is sent only on connecting. Default false. */
  readonly reloadOnAttach?: boolean
  /** Waits between attempts to reach the browser, which never end by themselves. Default 250 ms doubling to 5 s, ± 50 %. */
  readonly backoff?: BackoffOptions
  /** End with `INGEST_SOURCE_UNAVAILABLE` after this long without a browser. Default null: never. */
  readonly giveUpAfterMs?: number | null
  /** Items held while nobody pulls; beyond twice that frames are dropped and counted. Default 4,096 items and 32 MiB. */
  readonly buffer?: { readonly maxItems?: number; readonly maxBytes?: number }
  /** Also yield Engine.IO pings and pongs as frames. Default false. */
  readonly heartbeats?: boolean
}

/**
 * A logged-in browser, over the Chrome DevTools Protocol: what its page sends and receives, read-only.
 *
 * Sees sockets of pages, frames of other sites and workers, sockets that were open before it attached, and connections that
 * start by polling. Secrets are cut out of frames before they leave this source. When the browser goes it waits for the next.
 */
export function cdpSource(options: CdpOptions): Source {
  return {
    name: 'cdp',
    origin: null,
    unhurried: true,
    async *items(signal) {
      const run = new CdpRun(options, signal)
      const ended = run.start()
      try {
        yield* run.items()
      } finally {
        run.stop()
        await ended
      }
    },
  }
}

/** The loop over browsers. */
class CdpRun {
  readonly #options: CdpOptions
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #queue: BoundedQueue<SourceItem>
  readonly #maxItems: number
  readonly #maxBytes: number
  #overflow: { from: number; missed: number } | null = null

  constructor(options: CdpOptions, signal: AbortSignal) {
    this.#options = options
    this.#signal = AbortSignal.any([signal, this.#stop.signal])
    this.#maxItems = options.buffer?.maxItems ?? 4_096
    this.#maxBytes = options.buffer?.maxBytes ?? 32 * 1024 * 1024
    this.#queue = new BoundedQueue({
      maxItems: this.#maxItems,
      maxWeight: this.#maxBytes,
      weigh: (item) => (item.kind === 'frame' ? item.frame.text.length + 128 : 128),
    })
  }

  stop(): void {
    this.#stop.abort()
  }

  async *items(): AsyncGenerator<SourceItem, void, undefined> {
    for (;;) {
      const next = await this.#queue.next()
      if (next.done) return
      yield next.value
    }
  }

  /** Never rejects: a failure is the queue's. */
  async start(): Promise<void> {
    const { clock, random, backoff = {}, giveUpAfterMs = null } = this.#options
    let attempt = 0
    let memory: BrowserMemory = { lost: false, recoveryIds: new Set() }
    let downSince = clock.monotonic()
    while (!this.#signal.aborted) {
      try {
        const transport = await this.#options.connect(this.#signal)
        if (transport === null) break
        attempt = 0
        memory = await this.#session(transport, memory)
        downSince = clock.monotonic()
      } catch (error) {
        if (this.#signal.aborted) break
        if (this.#options.isFinal?.(error)) return this.#fail(error)
        const message = messageOf(error)
        this.#push({
          kind: 'status',
          status: { kind: 'connect_error', connection: 'browser', message, details: { attempt: attempt + 1 } },
          at: clock.now(),
        })
        const downMs = clock.monotonic() - downSince
        if (giveUpAfterMs !== null && downMs >= giveUpAfterMs) {
          return this.#fail(new IngestError('INGEST_SOURCE_UNAVAILABLE', message, { cause: error, context: { downMs } }))
        }
      }
      await this.#wait(backoffDelay(attempt, random.float(), backoff))
      attempt += 1
    }
    this.#reportOverflow()
    this.#queue.end()
  }

  #fail(error: unknown): void {
    this.#reportOverflow()
    this.#queue.fail(error)
  }

  async #session(transport: CdpTransport, memory: BrowserMemory): Promise<BrowserMemory> {
    const session = new CdpSession(this.#options, transport, (item) => this.#push(item), memory)
    const stop = (): void => session.stop()
    this.#signal.addEventListener('abort', stop, { once: true })
    if (this.#signal.aborted) stop()
    try {
      return await session.run()
    } finally {
      this.#signal.removeEventListener('abort', stop)
      session.stop()
    }
  }

  /** The browser cannot be held back for long: far beyond the buffer, frames are dropped and the loss is counted exactly. */
  #push(item: SourceItem): void {
    const at = this.#options.clock.now()
    if (item.kind === 'frame' && (this.#queue.size >= 2 * this.#maxItems || this.#queue.weight >= 2 * this.#maxBytes)) {
      this.#overflow ??= { from: at, missed: 0 }
      this.#overflow.missed += 1
      return
    }
    if (!this.#queue.full) this.#reportOverflow()
    this.#queue.push(item)
  }

  #reportOverflow(): void {
    if (this.#overflow === null) return
    const { from, missed } = this.#overflow
    this.#overflow = null
    const status = { kind: 'overflow', connection: 'browser', from, missed } as const
    this.#queue.push({ kind: 'status', status, at: this.#options.clock.now() })
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.timer(delayMs, done, { keepAlive: true })
      const signal = this.#signal
      function done(): void {
        cancel()
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done, { once: true })
      if (signal.aborted) done()
    })
  }
}
