import { sha256 } from '../env.ts'

/** How often one text was delivered, and by whom. */
interface Seen {
  /** Times it was let through. */
  emitted: number
  /** Times each member delivered it. */
  readonly counts: Uint32Array
}

/**
 * Which texts several members delivered lately, by hash, in two generations: a text is remembered for one to two windows.
 *
 * A text that the feed repeats is told from one that two members deliver by counting per member: the k-th delivery of a member
 * is new only when it was let through fewer than k times.
 */
export class SeenWindow {
  readonly #members: number
  readonly #windowMs: number
  #current = new Map<string, Seen>()
  #previous = new Map<string, Seen>()
  #turnAt: number
  /** Texts that others delivered and this member did not, so far. */
  readonly missed: number[]

  constructor(members: number, windowMs: number, now: number) {
    this.#members = members
    this.#windowMs = windowMs
    this.#turnAt = now + windowMs
    this.missed = new Array<number>(members).fill(0)
  }

  /** Texts remembered now. */
  get size(): number {
    return this.#current.size + this.#previous.size
  }

  /** A member delivers a text. @returns whether it is new @param now monotonic milliseconds */
  deliver(member: number, text: string, now: number): boolean {
    if (now >= this.#turnAt) this.#turn(now)
    const key = keyOf(text)
    const seen = this.#find(key)
    const count = (seen.counts[member] ?? 0) + 1
    seen.counts[member] = count
    if (count <= seen.emitted) return false
    seen.emitted = count
    return true
  }

  /** Counts what is still remembered as missed by those who have not delivered it. For the end. */
  settle(): void {
    for (const map of [this.#previous, this.#current]) for (const seen of map.values()) this.#settle(seen)
  }

  #find(key: string): Seen {
    const fresh = this.#current.get(key)
    if (fresh) return fresh
    const seen = this.#previous.get(key) ?? { emitted: 0, counts: new Uint32Array(this.#members) }
    this.#previous.delete(key)
    this.#current.set(key, seen)
    return seen
  }

  #turn(now: number): void {
    this.#turnAt = now + this.#windowMs
    for (const seen of this.#previous.values()) this.#settle(seen)
    this.#previous = this.#current
    this.#current = new Map()
  }

  #settle(seen: Seen): void {
    for (const [member, count] of seen.counts.entries()) {
      if (count < seen.emitted) this.missed[member] = (this.missed[member] ?? 0) + seen.emitted - count
      seen.counts[member] = seen.emitted
    }
  }
}

/** 128 bits: with 64, a recorder that runs for a year would confuse two texts about once. */
function keyOf(text: string): string {
  const hash = sha256()
  hash.update(text)
  return Buffer.from(hash.digest().buffer, 0, 16).toString('latin1')
}
