/** Holds appends back while sealed segments wait to become parts and take more bytes than allowed. */
export class AppendGate {
  readonly #maxBytes: number
  readonly #waiting: (() => void)[] = []
  #bytes = 0

  /** @param maxBytes of sealed segments, above which appends wait */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes of segments that are sealed and no part yet. */
  get bytes(): number {
    return this.#bytes
  }

  /** Runs at once, or when there is room; in the order of the calls. */
  pass(post: () => void): void {
    if (this.#waiting.length > 0 || this.#bytes > this.#maxBytes) this.#waiting.push(post)
    else post()
  }

  sealed(bytes: number): void {
    this.#bytes += bytes
  }

  published(bytes: number): void {
    this.#bytes -= bytes
    while (this.#waiting.length > 0 && this.#bytes <= this.#maxBytes) this.#waiting.shift()?.()
  }

  /** What waits for room goes on at once: it is in memory anyway, and an end or a flush must have it. */
  drain(): void {
    for (const post of this.#waiting.splice(0)) post()
  }
}
