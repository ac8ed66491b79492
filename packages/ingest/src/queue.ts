/** A queue bounded by items and by weight, between something that pushes and something that pulls. */
export interface BoundedQueueOptions<T> {
  readonly maxItems: number
  /** Upper bound of the sum of weights, e.g. bytes. One item is always let in, however heavy. */
  readonly maxWeight: number
  weigh(item: T): number
}

/**
 * Bounded hand-over from one side to the other, as an async iterator.
 *
 * The pusher asks `full` (or awaits `room()`); the puller awaits `next()`. `end()` lets the puller have what is queued first.
 */
export class BoundedQueue<T> {
  readonly #options: BoundedQueueOptions<T>
  #items: T[] = []
  #head = 0
  #weight = 0
  #ended = false
  #failure: { readonly error: unknown } | null = null
  #pullers: (() => void)[] = []
  #pushers: (() => void)[] = []

  constructor(options: BoundedQueueOptions<T>) {
    this.#options = options
  }

  get size(): number {
    return this.#items.length - this.#head
  }

  get weight(): number {
    return this.#weight
  }

  get full(): boolean {
    return this.size > 0 && (this.size >= this.#options.maxItems || this.#weight >= this.#options.maxWeight)
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Queues an item, bounds or not; false after the end. */
  push(item: T): boolean {
    if (this.#ended) return false
    this.#items.push(item)
    this.#weight += this.#options.weigh(item)
    wake(this.#pullers)
    return true
  }

  /** Resolves when an item may be pushed, or the queue has ended. */
  async room(): Promise<void> {
    while (this.full && !this.#ended) await sleepUntilWoken(this.#pushers)
  }

  /** Takes everything that is queued, at once. */
  takeAll(): T[] {
    const items = this.#items.slice(this.#head)
    this.#items = []
    this.#head = 0
    this.#weight = 0
    wake(this.#pushers)
    return items
  }

  /** Resolves when something is queued or the queue has ended. */
  async ready(): Promise<void> {
    while (this.size === 0 && !this.#ended) await sleepUntilWoken(this.#pullers)
  }

  /** The next item; `done` after the end. @throws what `fail` was given, after the queued items */
  async next(): Promise<IteratorResult<T, undefined>> {
    await this.ready()
    if (this.size > 0) {
      const item = this.#items[this.#head] as T
      this.#head += 1
      this.#weight -= this.#options.weigh(item)
      if (this.#head > 1_024 && this.#head * 2 > this.#items.length) {
        this.#items = this.#items.slice(this.#head)
        this.#head = 0
      }
      wake(this.#pushers)
      return { done: false, value: item }
    }
    if (this.#failure) throw this.#failure.error
    return { done: true, value: undefined }
  }

  /** No more pushes. */
  end(): void {
    this.#ended = true
    wake(this.#pullers)
    wake(this.#pushers)
  }

  /** As `end`, and the puller gets `error` once the queue is empty. */
  fail(error: unknown): void {
    if (!this.#ended) this.#failure = { error }
    this.end()
  }

  /** Drops what is queued and ends. */
  discard(): void {
    this.#items = []
    this.#head = 0
    this.#weight = 0
    this.end()
  }
}

function sleepUntilWoken(sleepers: (() => void)[]): Promise<void> {
  return new Promise((resolve) => sleepers.push(resolve))
}

function wake(sleepers: (() => void)[]): void {
  for (const resolve of sleepers.splice(0)) resolve()
}
