import type { Clock, Micros } from '@vectra/schemas'
import { BoundedQueue } from '../../queue.ts'
import type { ConnectionStatus, RawFrame, SourceItem } from '../../source.ts'

/** Held for a reader that does not pull; beyond it frames are dropped and counted. */
const MAX_ITEMS = 4_096
const MAX_BYTES = 16 * 1024 * 1024

/** What a socket carries, as items for any number of readers. A slow reader loses frames, counted exactly; the socket never waits. */
export class LiveFrames {
  readonly #clock: Clock
  readonly #readers = new Set<Reader>()
  /** Collects for the first reader, so that it sees the login however late it comes. */
  #first: Reader | null
  /** The connection that is open now. */
  #open: ConnectionStatus | null = null
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
    this.#first = new Reader(clock)
    this.#readers.add(this.#first)
  }

  frame(frame: RawFrame): void {
    for (const reader of this.#readers) reader.push({ kind: 'frame', frame })
  }

  status(status: ConnectionStatus): void {
    if (status.kind === 'connect' || status.kind === 'reconnect') this.#open = { kind: 'connect', connection: status.connection }
    if (status.kind === 'disconnect') this.#open = null
    for (const reader of this.#readers) reader.push({ kind: 'status', status, at: this.#clock.now() })
  }

  async *items(signal: AbortSignal): AsyncGenerator<SourceItem, void, undefined> {
    if (signal.aborted) return
    const reader = this.#reader()
    const stop = (): void => reader.end()
    signal.addEventListener('abort', stop, { once: true })
    try {
      for (;;) {
        const next = await reader.next()
        if (next === null) return
        yield next
      }
    } finally {
      signal.removeEventListener('abort', stop)
      this.#readers.delete(reader)
    }
  }

  #reader(): Reader {
    const first = this.#first
    this.#first = null
    if (first) return first
    const reader = new Reader(this.#clock)
    if (this.#closed) reader.end()
    else this.#readers.add(reader)
    if (this.#open) reader.push({ kind: 'status', status: this.#open, at: this.#clock.now() })
    return reader
  }

  close(): void {
    this.#closed = true
    for (const reader of this.#readers) reader.end()
  }
}

class Reader {
  readonly #clock: Clock
  readonly #queue = new BoundedQueue<SourceItem>({
    maxItems: MAX_ITEMS,
    maxWeight: MAX_BYTES,
    weigh: (item) => (item.kind === 'frame' ? item.frame.text.length + 128 : 128),
  })
  #overflow: { readonly connection: string; readonly from: Micros; missed: number } | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  push(item: SourceItem): void {
    if (item.kind === 'frame' && (this.#queue.full || this.#overflow)) {
      this.#overflow ??= { connection: item.frame.connection, from: item.frame.at, missed: 0 }
      this.#overflow.missed += 1
      return
    }
    this.#queue.push(item)
  }

  async next(): Promise<SourceItem | null> {
    if (this.#overflow && this.#queue.size <= MAX_ITEMS / 2) this.#report()
    const next = await this.#queue.next()
    return next.done ? null : next.value
  }

  end(): void {
    this.#report()
    this.#queue.end()
  }

  #report(): void {
    if (!this.#overflow) return
    const status: ConnectionStatus = { kind: 'overflow', ...this.#overflow }
    this.#overflow = null
    this.#queue.push({ kind: 'status', status, at: this.#clock.now() })
  }
}
