/** How a subscriber is treated when it does not keep up. */
export interface SubscribeOptions<T> {
  /** `block` makes the publisher wait; `lossy` drops the subscriber's oldest items and counts them. Default `block`. */
  readonly policy?: 'block' | 'lossy'
  /** Items held for this subscriber. Default 1,024. */
  readonly capacity?: number
  /** Only these items. Default all. */
  readonly filter?: (item: T) => boolean
  /** Ends the subscription. */
  readonly signal?: AbortSignal
}

/** A subscriber's view: loop over it. Leaving the loop ends the subscription. */
export interface Subscription<T> extends AsyncIterableIterator<T>, AsyncDisposable {
  /** Items dropped because a lossy subscriber was too slow. */
  readonly dropped: number
  /** Items handed out. */
  readonly delivered: number
  /** Items waiting. */
  readonly pending: number
}

/** Counters of one subscriber. */
export interface SubscriberStats {
  readonly policy: 'block' | 'lossy'
  readonly pending: number
  readonly delivered: number
  readonly dropped: number
}

/**
 * Typed, bounded fan-out inside one process.
 *
 * Every subscriber sees items in publishing order, from the moment it subscribed. Memory is bounded by capacity × subscribers.
 */
export class EventBus<T> {
  readonly #members = new Set<Member<T>>()
  #closed = false

  /** Subscribes from now on. After `close()` the subscription is empty. */
  subscribe(options: SubscribeOptions<T> = {}): Subscription<T> {
    const member = new Member<T>(options, () => this.#members.delete(member))
    if (this.#closed) member.finish()
    else this.#members.add(member)
    return member
  }

  /**
   * Hands an item to every subscriber.
   *
   * @returns a promise only when a blocking subscriber is full: publish nothing more before it resolves
   */
  publish(item: T): Promise<void> | undefined {
    const waits: Promise<void>[] = []
    for (const member of this.#members) {
      member.offer(item)
      const wait = member.room()
      if (wait) waits.push(wait)
    }
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined)
  }

  /** Counters of the present subscribers. */
  stats(): SubscriberStats[] {
    return [...this.#members].map(({ policy, pending, delivered, dropped }) => ({ policy, pending, delivered, dropped }))
  }

  /** Lets every subscriber finish what it holds, then ends it. */
  close(): void {
    this.#closed = true
    for (const member of [...this.#members]) member.finish()
  }
}

class Member<T> implements Subscription<T> {
  readonly policy: 'block' | 'lossy'
  readonly #capacity: number
  readonly #filter: ((item: T) => boolean) | undefined
  readonly #leave: () => void
  readonly #items: T[] = []
  readonly #signal: AbortSignal | undefined
  #ended = false
  #readers: (() => void)[] = []
  #waiters: (() => void)[] = []
  dropped = 0
  delivered = 0

  constructor(options: SubscribeOptions<T>, leave: () => void) {
    this.policy = options.policy ?? 'block'
    this.#capacity = options.capacity ?? 1_024
    if (!Number.isSafeInteger(this.#capacity) || this.#capacity < 1)
      throw new TypeError('capacity must be a whole number above 0')
    this.#filter = options.filter
    this.#leave = leave
    this.#signal = options.signal
    if (this.#signal?.aborted) this.#ended = true
    else this.#signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  get pending(): number {
    return this.#items.length
  }

  offer(item: T): void {
    if (this.#ended || (this.#filter && !this.#filter(item))) return
    if (this.policy === 'lossy' && this.#items.length >= this.#capacity) {
      this.#items.shift()
      this.dropped += 1
    }
    this.#items.push(item)
    this.#wake(this.#readers)
  }

  room(): Promise<void> | undefined {
    if (this.policy === 'lossy' || this.#ended || this.#items.length < this.#capacity) return undefined
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  /** No more items; those held are still handed out. */
  finish(): void {
    this.#ended = true
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#leave()
    this.#wake(this.#readers)
    this.#wake(this.#waiters)
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    while (this.#items.length === 0 && !this.#ended) await new Promise<void>((resolve) => this.#readers.push(resolve))
    if (this.#items.length === 0) return { done: true, value: undefined }
    const value = this.#items.shift() as T
    this.delivered += 1
    if (this.#items.length < this.#capacity) this.#wake(this.#waiters)
    return { done: false, value }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#items.length = 0
    this.finish()
    return { done: true, value: undefined }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  readonly #onAbort = (): void => {
    this.#items.length = 0
    this.finish()
  }

  #wake(sleepers: (() => void)[]): void {
    for (const resolve of sleepers.splice(0)) resolve()
  }
}
