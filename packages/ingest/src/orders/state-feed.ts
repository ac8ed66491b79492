import type { OrderState } from './order-gateway.ts'

/** States kept for a reader that does not read; the oldest change is dropped beyond it. */
const MAX_WAITING = 1_000

/** Fan-out of order states: each reader gets the newest state of each order, and never more than one of the same order twice. */
export class StateFeed {
  readonly #readers = new Set<Reader>()
  #closed = false

  publish(state: OrderState): void {
    for (const reader of this.#readers) reader.offer(state)
  }

  /** Everything from now on, until the signal aborts, the loop is left, or the feed closes. */
  read(signal?: AbortSignal): AsyncIterableIterator<OrderState> {
    const reader = new Reader((self) => {
      this.#readers.delete(self)
      signal?.removeEventListener('abort', stop)
    })
    const stop = (): void => reader.end()
    if (this.#closed || signal?.aborted) {
      reader.end()
      return reader
    }
    this.#readers.add(reader)
    signal?.addEventListener('abort', stop, { once: true })
    return reader
  }

  /** Readers get what waits for them, then end. */
  close(): void {
    this.#closed = true
    for (const reader of [...this.#readers]) reader.end()
  }
}

class Reader implements AsyncIterableIterator<OrderState> {
  readonly #waiting = new Map<string, OrderState>()
  readonly #leave: (self: Reader) => void
  #sleepers: (() => void)[] = []
  #ended = false

  constructor(leave: (self: Reader) => void) {
    this.#leave = leave
  }

  offer(state: OrderState): void {
    this.#waiting.delete(state.id)
    this.#waiting.set(state.id, state)
    if (this.#waiting.size > MAX_WAITING) {
      const [oldest] = this.#waiting.keys()
      if (oldest !== undefined) this.#waiting.delete(oldest)
    }
    this.#wake()
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#leave(this)
    this.#wake()
  }

  async next(): Promise<IteratorResult<OrderState, undefined>> {
    while (this.#waiting.size === 0 && !this.#ended) await new Promise<void>((resolve) => this.#sleepers.push(resolve))
    const [first] = this.#waiting.values()
    if (first === undefined) return { done: true, value: undefined }
    this.#waiting.delete(first.id)
    return { done: false, value: first }
  }

  async return(): Promise<IteratorResult<OrderState, undefined>> {
    this.#waiting.clear()
    this.end()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #wake(): void {
    for (const resolve of this.#sleepers.splice(0)) resolve()
  }
}
