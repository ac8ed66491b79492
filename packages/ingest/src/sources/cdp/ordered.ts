/**
 * Keeps the order of things of which some are not ready yet.
 *
 * A polled HTTP body must be asked for after the fact, while frames of the upgraded socket already arrive.
 */
export class Ordered<T> {
  readonly #slots: { items: readonly T[] | null }[] = []
  readonly #emit: (item: T) => void

  constructor(emit: (item: T) => void) {
    this.#emit = emit
  }

  push(item: T): void {
    if (this.#slots.length === 0) this.#emit(item)
    else this.#slots.push({ items: [item] })
  }

  /** Holds a place; what comes later waits until `later` settles. It must not reject. */
  reserve(later: Promise<readonly T[]>): void {
    const slot: { items: readonly T[] | null } = { items: null }
    this.#slots.push(slot)
    void later.then((items) => {
      slot.items = items
      this.#drain()
    })
  }

  /** Resolves when nothing is waiting any more. */
  get idle(): boolean {
    return this.#slots.length === 0
  }

  #drain(): void {
    for (let head = this.#slots[0]; head?.items != null; head = this.#slots[0]) {
      this.#slots.shift()
      for (const item of head.items) this.#emit(item)
    }
  }
}
